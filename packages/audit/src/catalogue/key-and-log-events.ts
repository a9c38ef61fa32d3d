// The part of the catalogue about keys and the log: what may sign, and what proves it.

import type { CountersignEvent, EventName } from '@countersign/vocabulary';
import {
  access,
  type CatalogueEntry,
  cause,
  hash,
  realm,
  request,
  timeMs,
} from './example-facts.ts';

const THUMBPRINT = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
const LOGGED_KEY_FACTS =
  'token.kid, token.alg, token.issuer, token.expiresAtSeconds, token.logIndex, extra.thumbprint, extra.leafHash';

function loggedKey(name: EventName, at: number): CountersignEvent {
  return {
    name,
    timeMs,
    realm,
    token: {
      kind: 'other',
      kid: 'es256-2026-11',
      alg: 'ES256',
      issuer: 'https://id.example/acme/workforce',
      expiresAtSeconds: 1_803_065_400,
      logIndex: 41_190 + at,
    },
    extra: { thumbprint: THUMBPRINT, leafHash: hash('7') },
  };
}

export const keyAndLogEvents = {
  'key.created': {
    when: 'The signer made a key.',
    facts: 'token.kid, token.alg, token.issuer',
    example: {
      name: 'key.created',
      timeMs,
      realm,
      token: { kind: 'other', kid: 'es256-2026-11', alg: 'ES256', issuer: access.issuer ?? '' },
    },
  },
  'key.published': {
    when: 'The log holds that a key was published; durable before the key stands in its JWKS.',
    facts: LOGGED_KEY_FACTS,
    example: loggedKey('key.published', 0),
  },
  'key.activated': {
    when: 'The log holds that a key signs; durable before its first signature.',
    facts: LOGGED_KEY_FACTS,
    example: loggedKey('key.activated', 1),
  },
  'key.retired': {
    when: 'The log holds that a key reached its end and left the JWKS.',
    facts: LOGGED_KEY_FACTS,
    example: loggedKey('key.retired', 2),
  },
  'key.revoked': {
    when: 'The log holds that a quarantined key is trusted no longer.',
    facts: LOGGED_KEY_FACTS,
    example: loggedKey('key.revoked', 3),
  },
  'key.used': {
    when: 'The signer made signatures: one event a key and page of its journal, told when the numbers were compared with the ledger.',
    facts:
      'token.kid, token.issuer, token.journalNumber (the last), extra.signatures, extra.firstNumber, extra.lastNumber',
    example: {
      name: 'key.used',
      timeMs,
      realm,
      token: { kind: 'other', kid: 'es256-2026-11', journalNumber: 40_999 },
      extra: { signatures: 120, firstNumber: 40_880, lastNumber: 40_999 },
    },
  },
  'key.quarantined': {
    when: 'A proven forgery: verifiers are told to trust the key no longer.',
    facts: 'token.kid, token.issuer, reason, causedBy',
    example: {
      name: 'key.quarantined',
      timeMs,
      realm,
      token: { kind: 'other', kid: 'es256-2026-11', issuer: access.issuer ?? '' },
      reason: 'token.forged',
      causedBy: cause,
    },
  },
  'key.rogue': {
    when: 'The log holds an event of a key that we never made, or a verifier says that our key set shows one without a place in the log.',
    facts:
      'token.issuer, token.kid, token.logIndex, reason, causedBy, extra.event, extra.thumbprint, extra.count, extra.numbers, extra.proven, extra.reporter',
    example: {
      name: 'key.rogue',
      timeMs,
      realm,
      severity: 'critical',
      token: { kind: 'other', logIndex: 41_211, kid: 'es256-2026-12', issuer: access.issuer ?? '' },
      reason: 'key_logged_but_not_ours',
      extra: { event: 'published', thumbprint: THUMBPRINT, proven: true },
    },
  },
  'tag_key.read': {
    when: 'The key that recognises a tenant’s leaves in the log was handed out; durable before it leaves the house.',
    facts: 'tenant (no realm), subject, request',
    example: { name: 'tag_key.read', timeMs, tenant: 'acme', subject: 'operator', request },
  },
  'log.forked': {
    when: 'The log or the journal lost, changed or renumbered something the ledger, a witness or the monitor holds.',
    facts: 'token.logIndex or token.journalNumber, reason, extra.origin, extra.witness',
    example: {
      name: 'log.forked',
      timeMs,
      token: { kind: 'other', logIndex: 41_000 },
      reason: 'leaf_differs',
    },
  },
  'log.stale': {
    when: 'The monitor inside the server finds that a log of ours shows an old checkpoint, or none.',
    facts: 'reason, extra.origin, extra.size',
    example: {
      name: 'log.stale',
      timeMs,
      reason: 'checkpoint_stale',
      extra: { origin: 'id.example/log', size: 41_000 },
    },
  },
  'log.unwitnessed': {
    when: 'No quorum of its witnesses has cosigned a log for a minute: strict audiences refuse its tokens.',
    facts: 'reason, extra.origin, extra.ageSeconds',
    example: {
      name: 'log.unwitnessed',
      timeMs,
      reason: 'no_quorum',
      extra: { origin: 'id.example/log', ageSeconds: 61 },
    },
  },
} satisfies Partial<Record<EventName, CatalogueEntry>>;
