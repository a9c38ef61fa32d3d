// Every event we emit: when, with which facts, and an example. EVENTS.md is printed from this, and
// the tests send each example through the OCSF schema.

import type { EventName } from '@countersign/vocabulary';
import {
  access,
  type CatalogueEntry,
  cause,
  hash,
  person,
  realm,
  request,
  timeMs,
  verifier,
} from './example-facts.ts';
import { feedEvents } from './feed-events.ts';
import { keyAndLogEvents } from './key-and-log-events.ts';
import { keyLifeEvents } from './key-life-events.ts';
import { noticeEvents } from './notice-events.ts';
import { peopleAndAppEvents } from './people-and-app-events.ts';
import { riskEvents } from './risk-events.ts';
import { trailEvents } from './trail-events.ts';

export const eventCatalogue: Readonly<Record<EventName, CatalogueEntry>> = {
  'token.issued': {
    when: 'A token has been logged, signed and entered in the ledger; durable before it leaves the house.',
    facts:
      'token (all), clientId, subject, sessionId, request, risk (assessment, score, level, action) where the request for it was judged',
    example: { name: 'token.issued', timeMs, realm, ...person, token: access, request },
  },
  'token.refreshed': {
    when: 'The same, from a refresh token.',
    facts: 'as token.issued, with token.parentJtiHash',
    example: {
      name: 'token.refreshed',
      timeMs,
      realm,
      ...person,
      token: { ...access, parentJtiHash: hash('c') },
      request,
    },
  },
  'token.exchanged': {
    when: 'The same, in exchange for another token (RFC 8693).',
    facts: 'as token.issued, with token.parentJtiHash',
    example: {
      name: 'token.exchanged',
      timeMs,
      realm,
      ...person,
      token: { ...access, parentJtiHash: hash('c') },
    },
  },
  'token.verified': {
    when: 'A verifier reported that it accepted a token. `ledger_match` says whether we issued it.',
    facts: 'token, clientId, subject, request, verifier, extra.reporter, extra.reportId',
    example: {
      name: 'token.verified',
      timeMs,
      realm,
      clientId: 'mail-web',
      subject: 'p-7f3k',
      token: access,
      request,
      verifier,
      extra: { reporter: 'r-1', reportId: 'u-1' },
    },
  },
  'token.refused': {
    when: 'A verifier reported, or the issuer itself decided, that a token is not acceptable.',
    facts: 'as token.verified, with reason = the code of the refusal',
    example: {
      name: 'token.refused',
      timeMs,
      realm,
      token: { kind: 'access', tokenHash: hash('d') },
      reason: 'receipt_missing',
      request: { ip: '2001:db8::7' },
      verifier,
    },
  },
  'token.revoked': {
    when: 'A live token was revoked: by its client, by logout, with its grant, session or root.',
    facts: 'token, clientId, subject, reason, causedBy',
    example: {
      name: 'token.revoked',
      timeMs,
      realm,
      ...person,
      token: access,
      reason: 'logout',
      causedBy: cause,
    },
  },
  'token.abandoned': {
    when: 'A token build failed after the leaf was logged; the token was not handed out.',
    facts:
      'token.leafHash (required), extra.signingInputHash, token.logIndex, token.journalNumber, reason',
    example: {
      name: 'token.abandoned',
      timeMs,
      realm,
      token: { kind: 'access', leafHash: hash('e'), logIndex: 41_208 },
      reason: 'signer_unavailable',
    },
  },
  'token.forged': {
    when: 'A token with a valid signature is in no ledger. Proven means that we checked the signature.',
    facts:
      'token, reason, causedBy = the use, verifier, extra.proven, extra.reporter, extra.secondsToAlarm',
    example: {
      name: 'token.forged',
      timeMs,
      realm,
      severity: 'critical',
      token: { kind: 'access', tokenHash: hash('f'), kid: 'es256-2026-11' },
      reason: 'signed_but_not_issued',
      causedBy: cause,
      verifier,
      extra: { proven: true, reporter: 'r-1', secondsToAlarm: 1 },
    },
  },
  'token.replayed': {
    when: 'A verifier saw a proof or token again, or a one-time token was accepted twice.',
    facts: 'token, reason, causedBy, extra.reporter',
    example: {
      name: 'token.replayed',
      timeMs,
      realm,
      token: access,
      reason: 'proof_replayed',
      causedBy: cause,
    },
  },
  'token.stolen': {
    when: 'A sender-constrained token came with another key, or a token was used long after its revocation.',
    facts: 'token, reason, causedBy, extra.reporter',
    example: {
      name: 'token.stolen',
      timeMs,
      realm,
      token: access,
      reason: 'sender_key_differs',
      causedBy: cause,
    },
  },
  'token.laundered': {
    when: 'A token has a parent we never issued, changed person or root, or was accepted at another audience.',
    facts: 'token, reason, causedBy',
    example: {
      name: 'token.laundered',
      timeMs,
      realm,
      token: { ...access, parentJtiHash: hash('9') },
      reason: 'parent_unknown',
    },
  },
  'token.unissued': {
    when: 'Leaves or signatures without a ledger row after the grace period, or accepted tokens we do not know and cannot check.',
    facts:
      'reason, extra.numbers, extra.count, token.logIndex or token.journalNumber (the first), token.kid',
    example: {
      name: 'token.unissued',
      timeMs,
      severity: 'critical',
      token: { kind: 'other', logIndex: 41_209 },
      reason: 'logged_but_not_issued',
      extra: { count: 3, numbers: '41209-41210,41215' },
    },
  },
  'token.interrupted': {
    when: 'At boot: token builds that the last crash cut short. One event for each boot that finds any.',
    facts: 'reason, extra.numbers, extra.count',
    example: {
      name: 'token.interrupted',
      timeMs,
      token: { kind: 'other', logIndex: 41_216 },
      reason: 'leaves_cut_by_restart',
      extra: { count: 1, numbers: '41216' },
    },
  },
  'session.started': {
    when: 'A person signed in.',
    facts:
      'subject, sessionId, clientId, token.rootAuthId, request, extra.factor: password, passkey, password and passkey',
    example: {
      name: 'session.started',
      timeMs,
      realm,
      ...person,
      token: { kind: 'other', rootAuthId: 'u6Q0mC2gXlqDqkVnLhnBmA' },
      request,
      extra: { factor: 'password' },
    },
  },
  'session.ended': {
    when: 'A session ended: logout, expiry or by an administrator.',
    facts: 'subject, sessionId, reason',
    example: { name: 'session.ended', timeMs, realm, ...person, reason: 'logout' },
  },
  'session.refused': {
    when: 'A sign-in failed, or a step-up after a right password.',
    facts:
      'clientId, subject (when known), request, reason: wrong_password, too_many_attempts, passkey_refused, passkey_cloned, step_up_failed, risk',
    example: {
      name: 'session.refused',
      timeMs,
      realm,
      clientId: 'mail-web',
      request,
      reason: 'wrong_password',
    },
  },
  ...keyAndLogEvents,
  ...keyLifeEvents,
  ...peopleAndAppEvents,
  ...trailEvents,
  ...feedEvents,
  ...noticeEvents,
  ...riskEvents,
  'grant.revoked': {
    when: 'A grant was revoked; a token.revoked for each live token follows.',
    facts: 'clientId, subject, extra.grantId, token.rootAuthId, reason',
    example: {
      name: 'grant.revoked',
      timeMs,
      realm,
      ...person,
      reason: 'refresh_reuse',
      extra: { grantId: 'g-19' },
    },
  },
};
