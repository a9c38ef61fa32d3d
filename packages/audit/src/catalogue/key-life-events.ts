// The part of the catalogue about the life of keys: who rotates, pauses, revokes and touches them, and
// what is found when a key is used that should be dead.

import type { EventName, TokenFacts } from '@countersign/vocabulary';
import {
  access,
  type CatalogueEntry,
  cause,
  hash,
  realm,
  timeMs,
  verifier,
} from './example-facts.ts';

const KEY: TokenFacts = {
  kind: 'other',
  kid: 'es256-2026-11',
  alg: 'ES256',
  issuer: access.issuer ?? '',
};
const OTHER_KID = 'es256-2026-12';
const HOUR_MS = 3_600_000;

export const keyLifeEvents = {
  'key.retiring': {
    when: 'A key stopped signing. It stays in its JWKS while a live token or an observed use needs it.',
    facts: 'token.kid, token.alg, token.issuer, extra.signer',
    example: { name: 'key.retiring', timeMs, realm, token: KEY, extra: { signer: 'first' } },
  },
  'key.rotated': {
    when: 'The standby became the key that signs: by itself when its time came, or because somebody asked.',
    facts:
      'token (the new key), reason, subject (who asked), extra.from = kid before, extra.signer',
    example: {
      name: 'key.rotated',
      timeMs,
      realm,
      token: { ...KEY, kid: OTHER_KID },
      reason: 'schedule',
      extra: { from: 'es256-2026-11', signer: 'first' },
    },
  },
  'key.pause_proposed': {
    when: 'One person asked that the keys of an issuer not be rotated until a date. Nothing has changed yet.',
    facts: 'token.issuer, subject, extra.pauseId, extra.untilMs, extra.reasonGiven',
    example: {
      name: 'key.pause_proposed',
      timeMs,
      realm,
      subject: 'op-ana',
      token: { kind: 'other', issuer: access.issuer ?? '' },
      extra: { pauseId: 'pause-3', untilMs: timeMs + 48 * HOUR_MS, reasonGiven: 'freeze' },
    },
  },
  'key.paused': {
    when: 'A second person agreed. It is shown in the public key status, ends by itself and prolongs no key.',
    facts:
      'token.issuer, subject (who agreed), extra.pauseId, extra.proposedBy, extra.untilMs, extra.reasonGiven',
    example: {
      name: 'key.paused',
      timeMs,
      realm,
      subject: 'op-ben',
      token: { kind: 'other', issuer: access.issuer ?? '' },
      extra: {
        pauseId: 'pause-3',
        proposedBy: 'op-ana',
        untilMs: timeMs + 48 * HOUR_MS,
        reasonGiven: 'freeze',
      },
    },
  },
  'key.pause_ended': {
    when: 'A pause reached its end, or one person ended it: ending needs no second one.',
    facts:
      'token.issuer, subject (who ended it; absent when it ended by itself), reason (expired, ended_early, lapsed or withdrawn), extra.pauseId, extra.untilMs, extra.reasonGiven',
    example: {
      name: 'key.pause_ended',
      timeMs,
      realm,
      token: { kind: 'other', issuer: access.issuer ?? '' },
      reason: 'expired',
      extra: { pauseId: 'pause-3' },
    },
  },
  'key.age_alarm': {
    when: 'The watchdog finds a key that signs past 80 % of the age it may reach, or past all of it.',
    facts: 'token.kid, token.issuer, reason, extra.ageShare, extra.maxAgeSeconds',
    example: {
      name: 'key.age_alarm',
      timeMs,
      realm,
      token: KEY,
      reason: 'age_over_80_percent',
      extra: { ageShare: 0.81, maxAgeSeconds: 7_776_000 },
    },
  },
  'key.rotator_silent': {
    when: 'The watchdog, which is another process, has seen no sign of life of the rotator.',
    facts: 'reason, extra.silentSeconds',
    example: {
      name: 'key.rotator_silent',
      timeMs,
      reason: 'no_heartbeat',
      extra: { silentSeconds: 610 },
    },
  },
  'key.disagreement': {
    when: 'The watchdog finds that signer, JWKS, journal and log do not tell the same of the keys.',
    facts: 'token.kid, token.issuer, reason, extra (what each says)',
    example: {
      name: 'key.disagreement',
      timeMs,
      realm,
      token: KEY,
      reason: 'published_but_retired',
      extra: { signer: 'retired', jwks: 'published' },
    },
  },
  'key.tripwire': {
    when: 'A key of ours that is retired or revoked was named by a token or by a request to sign. One finding a token, or a kid and hour.',
    facts:
      'token, reason, verifier, causedBy, extra.state, extra.sinceMs, extra.proven, extra.reporter, extra.signer',
    example: {
      name: 'key.tripwire',
      timeMs,
      realm,
      severity: 'critical',
      token: { kind: 'access', tokenHash: hash('f'), kid: 'es256-2026-11' },
      reason: 'retired_key_used',
      causedBy: cause,
      verifier,
      extra: { state: 'retired', sinceMs: timeMs - 900 * HOUR_MS, proven: true, reporter: 'r-1' },
    },
  },
  'key.tally_differs': {
    when: 'Signatures made, numbers of the journal, rows of the ledger and leaves are not one to one for a key.',
    facts:
      'token.kid, token.issuer, reason, extra.numbers (of the key), extra.count, extra.journalled, extra.made, extra.signer',
    example: {
      name: 'key.tally_differs',
      timeMs,
      realm,
      severity: 'critical',
      token: { kind: 'other', kid: 'es256-2026-11' },
      reason: 'signature_without_token',
      message: 'Key es256-2026-11: signature 4711 has no token.',
      extra: { count: 1, numbers: '4711', signer: 'first' },
    },
  },
  'key.access': {
    when: 'Someone administered keys (rotate, rollback, revoke, exposure, revoke_operator), or backed up, exported, dumped or read the policy of the signer or of its folder; or the signer’s own record of that was set back (record_set_back).',
    facts:
      'subject (who), reason (why), token.kid, token.issuer, request, extra.action, extra.operator, extra.host, extra.signer',
    example: {
      name: 'key.access',
      timeMs,
      realm,
      subject: 'op-ana',
      token: KEY,
      reason: 'restore drill',
      extra: { action: 'backup', host: 'signer-1', signer: 'first' },
    },
  },
  'key.drilled': {
    when: 'A drill ended: the key of a throwaway realm was revoked under use.',
    facts:
      'token.kid, token.issuer, subject, extra.verifiers, extra.secondsToLastAcceptance, extra.passed',
    example: {
      name: 'key.drilled',
      timeMs,
      realm,
      subject: 'op-ana',
      token: KEY,
      extra: { verifiers: 4, secondsToLastAcceptance: 3.1, passed: true },
    },
  },
  'key.compromised': {
    when: 'A key was revoked because it is, or may be, in other hands: what a Shared Signals transmitter tells its receivers.',
    facts:
      'token.issuer, token.kid, token.alg, token.expiresAtSeconds, reason, causedBy, extra.thumbprint, extra.compromisedSinceMs, extra.initiatingEntity (admin, policy or system), extra.reasonAdmin',
    example: {
      name: 'key.compromised',
      timeMs,
      realm,
      token: { ...KEY, expiresAtSeconds: 1_803_065_400 },
      reason: 'token.forged',
      causedBy: cause,
      extra: {
        thumbprint: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
        compromisedSinceMs: timeMs - 9000,
        initiatingEntity: 'policy',
        reasonAdmin: 'A forged token was proven.',
      },
    },
  },
  'dump.released': {
    when: 'Diagnostics left a zone through the gate: everything could be read and no key was in it.',
    facts: 'extra.name, extra.sha256, extra.bytes, extra.zone, extra.redacted, subject',
    example: {
      name: 'dump.released',
      timeMs,
      extra: { name: 'core.4711.zst', sha256: hash('4'), bytes: 91_226_112, zone: 'signer' },
    },
  },
  'dump.blocked': {
    when: 'Diagnostics were put in quarantine: a key is in them, or they could not be read to their end.',
    facts:
      'reason, token.kid (when it is a key of ours), extra.name, extra.sha256, extra.bytes, extra.zone, extra.findings',
    example: {
      name: 'dump.blocked',
      timeMs,
      severity: 'critical',
      reason: 'live_key',
      token: { kind: 'other', kid: 'es256-2026-11' },
      extra: {
        name: 'core.4711.zst',
        sha256: hash('4'),
        bytes: 91_226_112,
        zone: 'signer',
        findings: 2,
      },
    },
  },
} satisfies Partial<Record<EventName, CatalogueEntry>>;
