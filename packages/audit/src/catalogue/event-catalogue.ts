// Every event we emit: when, with which facts, and an example. EVENTS.md is printed from this, and
// the tests send each example through the OCSF schema.

import type { CountersignEvent, EventName, TokenFacts } from '@countersign/vocabulary';

export interface CatalogueEntry {
  when: string;
  /** Members of the event that are filled beyond name, time and realm. */
  facts: string;
  example: CountersignEvent;
}

const realm = 'acme/workforce' as const;
const timeMs = 1_795_289_400_000;
const hash = (digit: string): string => digit.repeat(64);

const access: TokenFacts = {
  kind: 'access',
  tokenHash: hash('a'),
  jtiHash: hash('b'),
  issuer: 'https://id.example/acme/workforce',
  audience: ['https://mail.acme.example'],
  subject: 'p-7f3k',
  kid: 'es256-2026-11',
  alg: 'ES256',
  typ: 'at+jwt',
  issuedAtSeconds: 1_795_289_400,
  expiresAtSeconds: 1_795_290_000,
  confirmationThumbprint: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
  rootAuthId: 'u6Q0mC2gXlqDqkVnLhnBmA',
  logIndex: 41_207,
  journalNumber: 40_998,
  scope: 'mail.read',
};

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

const request = { ip: '192.0.2.7', userAgent: 'Mozilla/5.0' };
const verifier = { name: 'mail-api', version: '0.1.0' };
const person = { clientId: 'mail-web', subject: 'p-7f3k', sessionId: 's-51c' };
const cause = '01a0c4de-8f5e-7a21-9b1c-5f1d2c3b4a59';

export const eventCatalogue: Readonly<Record<EventName, CatalogueEntry>> = {
  'token.issued': {
    when: 'A token has been logged, signed and entered in the ledger; durable before it leaves the house.',
    facts: 'token (all), clientId, subject, sessionId, request',
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
      'extra.leafHash (required), extra.signingInputHash, token.logIndex, token.journalNumber, reason',
    example: {
      name: 'token.abandoned',
      timeMs,
      realm,
      token: { kind: 'access', logIndex: 41_208 },
      reason: 'signer_unavailable',
      extra: { leafHash: hash('e') },
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
    facts: 'subject, sessionId, clientId, token.rootAuthId, request, extra (factors)',
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
    when: 'A sign-in failed.',
    facts: 'clientId, subject (when known), request, reason',
    example: {
      name: 'session.refused',
      timeMs,
      realm,
      clientId: 'mail-web',
      request,
      reason: 'wrong_password',
    },
  },
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
