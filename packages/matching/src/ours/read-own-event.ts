// An event as it is stored and exported by this product, as an activity: of our own tokens, and of
// records that were imported, whose facts are stored beside them.

import { hash } from 'node:crypto';
import type { ActivityFacts, TouchedItem } from '@countersign/vocabulary';
import { type Activity, familyOf } from '../activity.ts';
import { streamOf } from '../issues/required-streams.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const KINDS: Readonly<Record<string, ActivityFacts['kind']>> = {
  'token.issued': 'token',
  'token.refreshed': 'token',
  'token.exchanged': 'token',
  'token.verified': 'access',
  'data.accessed': 'access',
  'token.revoked': 'revocation',
  'session.ended': 'revocation',
};
/** Operations that leave more behind than the item that is named. */
const WHOLE = new Set(['sync', 'export', 'search', 'list']);

/** Undefined when the object is no event of this product. */
export function readOwnEvent(ocsf: JsonObject, at?: string): Activity | undefined {
  const facts = inside(inside(ocsf, 'unmapped'), 'countersign');
  const metadata = inside(ocsf, 'metadata');
  const key = text(metadata, 'uid');
  const timeMs = ocsf['time'];
  const name = text(facts, 'event');
  if (key === undefined || name === undefined || typeof timeMs !== 'number') return undefined;
  const common = { at: at ?? key, key, timeMs };
  const imported = facts['activity'];
  if (isObject(imported) && typeof imported['operation'] === 'string') {
    const source = text(facts, 'source') ?? 'ocsf';
    const stored = imported as unknown as ActivityFacts;
    const stream = streamOf(source, stored.kind, metadata['log_name']);
    const told = stream === undefined ? {} : { stream };
    return withHashes({ ...common, source, facts: stored, ...told });
  }
  const kid = text(facts, 'kid');
  return {
    ...{ ...common, source: 'countersign', facts: ownFacts(ocsf, facts, name) },
    ...(kid === undefined ? {} : { kid }),
    ...(name === 'log.gap' ? { gap: gapOf(facts, timeMs) } : {}),
  };
}

function ownFacts(ocsf: JsonObject, facts: JsonObject, operation: string): ActivityFacts {
  const token = inside(ocsf, 'authentication_token');
  const [jtiHash, tokenHash] = [text(facts, 'jti_hash'), text(facts, 'token_hash')];
  const kind = KINDS[operation] ?? 'other';
  // A session that ends names the session; its tokens are ended by events of their own.
  const tokens = [jtiHash && `jtiHash:${jtiHash}`, tokenHash && `hash:${tokenHash}`].filter(isText);
  const session = text(inside(ocsf, 'session'), 'uid');
  const sessions = kind === 'revocation' && tokens.length > 0 ? undefined : session;
  const subject = text(facts, 'sub');
  const endpoint = inside(ocsf, 'src_endpoint');
  const audience = facts['aud'];
  return pruned({
    kind,
    outcome: ocsf['status_id'] === 2 ? 'failure' : 'success',
    tokens,
    sessions: sessions === undefined ? [] : [`sid:${sessions}`],
    persons: subject === undefined ? [] : [`sub:${subject}`],
    client: text(facts, 'client_id'),
    ip: text(endpoint, 'ip'),
    userAgent: text(inside(ocsf, 'http_request'), 'user_agent'),
    tenant: text(inside(ocsf, 'metadata'), 'tenant_uid'),
    resource: Array.isArray(audience) && isText(audience[0]) ? audience[0] : undefined,
    operation: operation === 'data.accessed' ? (text(facts, 'operation') ?? operation) : operation,
    tokenIssuedMs: number(token, 'created_time'),
    tokenExpiresMs: number(token, 'expiration_time'),
    ...(operation === 'data.accessed' ? itemsOf(facts) : {}),
  });
}

function itemsOf(facts: JsonObject): Partial<ActivityFacts> {
  const item = inside(facts, 'item');
  const [kind, id] = [text(item, 'kind'), text(item, 'id')];
  if (kind === undefined || id === undefined) return {};
  const listed = pruned({ kind, id, in: text(item, 'in'), name: text(item, 'name') });
  const whole =
    facts['complete'] === false ||
    inside(facts, 'extra')['complete'] === false ||
    (WHOLE.has(text(facts, 'operation') ?? '') && ['folder', 'site'].includes(kind));
  return { items: [listed as unknown as TouchedItem], itemsComplete: !whole };
}

function gapOf(facts: JsonObject, timeMs: number) {
  const extra = inside(facts, 'extra');
  return {
    fromMs: number(extra, 'firstMs') ?? timeMs,
    toMs: number(extra, 'lastMs') ?? timeMs,
    reason: text(facts, 'reason') ?? 'unknown',
    source: text(inside(facts, 'item'), 'id') ?? null,
  };
}

/**
 * Our record holds the hash of a `jti`, a resource's log the `jti` itself: each such id is told both
 * ways, so that they meet. Of houses that only speak of themselves, nothing changes.
 */
export function withHashes(activity: Activity): Activity {
  const { tokens = [] } = activity.facts;
  if (familyOf(activity.source) === 'microsoft' || !tokens.some(isJti)) return activity;
  const hashed = tokens.filter(isJti).map((id) => `jtiHash:${hash('sha256', id.slice(4), 'hex')}`);
  return { ...activity, facts: { ...activity.facts, tokens: [...tokens, ...hashed] } };
}

function isJti(id: string): boolean {
  return id.startsWith('jti:');
}

function pruned(facts: object): ActivityFacts {
  return Object.fromEntries(
    Object.entries(facts).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  ) as unknown as ActivityFacts;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function inside(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}

function text(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return isText(value) ? value : undefined;
}

function number(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
