// The part of the catalogue about what is said to others and heard from them: key sets, signals,
// notices, claims, incidents.

import type { EventName } from '@countersign/vocabulary';
import {
  access,
  type CatalogueEntry,
  cause,
  hash,
  realm,
  timeMs,
  verifier,
} from './example-facts.ts';

const tenant = 'acme';
const issuer = access.issuer ?? '';
const keySet = { kind: 'jwks', id: issuer };
const receiver = { kind: 'stream', id: 'st-1' };
const notice = { kind: 'notice', id: 'n-8' };
const claim = { kind: 'claim', id: 'c-2' };
const actor = { kind: 'operator', id: 'op-ana' } as const;

export const noticeEvents = {
  'jwks.published': {
    when: 'The key set an issuer shows was changed: which kids it holds, and until when caches may keep the one before.',
    facts:
      'token.issuer, item (the issuer), change.before.kids, change.after.kids, extra.cachedUntilMs',
    example: {
      name: 'jwks.published',
      timeMs,
      realm,
      item: keySet,
      token: { kind: 'other', issuer },
      change: { before: { kids: 'k1' }, after: { kids: 'k1 k2' } },
      extra: { cachedUntilMs: timeMs + 300_000 },
    },
  },
  'jwks.fetched': {
    when: 'A verifier fetched a key set and said so.',
    facts: 'token.issuer, verifier, item',
    example: {
      name: 'jwks.fetched',
      timeMs,
      realm,
      item: keySet,
      token: { kind: 'other', issuer },
      actor: { kind: 'verifier', id: 'mail-api' },
      verifier,
    },
  },
  'jwks.changed': {
    when: 'A verifier saw another key set than before and said so.',
    facts: 'token.issuer, verifier, item, change',
    example: {
      name: 'jwks.changed',
      timeMs,
      realm,
      item: keySet,
      token: { kind: 'other', issuer },
      change: { before: { kids: 'k1' }, after: { kids: 'k1 k2' } },
      verifier,
    },
  },
  'token.introspected': {
    when: 'A resource server asked the issuer about a token (RFC 7662).',
    facts: 'token, clientId (who asked), reason (active, inactive)',
    example: {
      name: 'token.introspected',
      timeMs,
      realm,
      clientId: 'mail-api',
      token: { kind: 'access', tokenHash: hash('a') },
      reason: 'active',
    },
  },
  'signal.sent': {
    when: 'A security event token was handed to a receiver.',
    facts: 'item (the stream), subject, causedBy, extra.eventType',
    example: {
      name: 'signal.sent',
      timeMs,
      tenant,
      item: receiver,
      subject: 'p-7f3k',
      causedBy: cause,
      extra: { eventType: 'session-revoked' },
    },
  },
  'signal.received': {
    when: 'A security event token came from a transmitter.',
    facts: 'item (the stream), subject, extra.eventType, extra.issuer',
    example: {
      name: 'signal.received',
      timeMs,
      tenant,
      item: receiver,
      subject: 'p-7f3k',
      extra: { eventType: 'credential-change' },
    },
  },
  'notice.sent': {
    when: 'A notice was sent to a victim or an authority.',
    facts: 'tenant, actor, item (the notice), extra.channel',
    example: {
      name: 'notice.sent',
      timeMs,
      tenant,
      actor,
      item: notice,
      extra: { channel: 'mail' },
    },
  },
  'notice.delivered': {
    when: 'The channel of a notice says it arrived.',
    facts: 'tenant, item (the notice), extra.channel',
    example: { name: 'notice.delivered', timeMs, tenant, item: notice, extra: { channel: 'mail' } },
  },
  'notice.acked': {
    when: 'Whoever got a notice acknowledged it.',
    facts: 'tenant, actor, item (the notice)',
    example: { name: 'notice.acked', timeMs, tenant, actor, item: notice },
  },
  'claim.published': {
    when: 'A signed statement about an incident was made public.',
    facts: 'actor, item (the claim), extra.evidenceHash, extra.certainty',
    example: {
      name: 'claim.published',
      timeMs,
      actor,
      item: claim,
      extra: { certainty: 'confirmed', evidenceHash: hash('5') },
    },
  },
  'claim.corrected': {
    when: 'A public statement was corrected or taken back.',
    facts: 'actor, item (the claim), change',
    example: {
      name: 'claim.corrected',
      timeMs,
      actor,
      item: claim,
      change: { before: { certainty: 'confirmed' }, after: { certainty: 'retracted' } },
    },
  },
  'incident.changed': {
    when: 'An incident was opened, changed or closed.',
    facts: 'actor, item (the incident), operation: opened, changed, closed, causedBy',
    example: {
      name: 'incident.changed',
      timeMs,
      actor,
      item: { kind: 'incident', id: 'i-1' },
      operation: 'opened',
      causedBy: cause,
    },
  },
} satisfies Partial<Record<EventName, CatalogueEntry>>;
