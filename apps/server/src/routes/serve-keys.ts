// `/api/v1/keys…` for operators: what keys there are, what they have spoken for, and the changes that
// are not left to the rotator. Who asked is on record as `key.access`: before the act, but for the kill
// switch, which waits for nothing.

import type { Audit, KeyExposure } from '@countersign/audit';
import type { KeyLives, KeyView } from '@countersign/provider';
import {
  type Clock,
  CodedError,
  type CountersignEvent,
  type RealmId,
} from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import { z } from 'zod';
import { describeRequest } from './describe-request.ts';
import { readJson, readQuery } from './read-json.ts';

export interface KeyRouteParts {
  keyLives: Pick<KeyLives, 'list' | 'find' | 'rotate' | 'rollBack' | 'revoke' | 'heartbeat'>;
  audit: Pick<Audit, 'record' | 'readKeyExposure'>;
  clock: Clock;
  log: Pick<Logger, 'error'>;
  /** @throws CodedError `not_found` for an issuer that is not ours */
  checkIssuer(issuer: string): Promise<unknown>;
  operatorOnly: MiddlewareHandler;
}

/** A beginning of a kid that says which one is meant. */
const SHORTEST_NAME = 8;
const issuer = z.string().min(1).max(512);
const reason = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, 'must be one line');
const alg = z.enum(['ES256', 'EdDSA', 'RS256']);
const keyQuery = z.strictObject({
  issuer: issuer.optional(),
  /** A kid or its beginning. */
  kid: z.string().max(256).optional(),
  after: z.string().max(256).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});
const rotation = z.strictObject({
  issuer,
  alg: alg.optional(),
  custody: z.enum(['software', 'pkcs11', 'aws-kms']).optional(),
  force: z.boolean().optional(),
  reason: reason.optional(),
});
const rollback = z.strictObject({ issuer, alg: alg.optional(), reason: reason.optional() });
const revocation = z.strictObject({ reason });

/** Members that were not given are left out, as `exactOptionalPropertyTypes` wants it. */
type Given<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };
const given = <T extends object>(body: T): Given<T> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Given<T>;

export function keyRoutes(parts: KeyRouteParts): Hono {
  const { keyLives, audit, clock, log, operatorOnly } = parts;
  const routes = new Hono();
  for (const path of ['/keys', '/keys/*']) routes.use(path, operatorOnly);
  const exposures = new Map<string, Promise<KeyExposure>>();
  const findKey = async (kid: string): Promise<KeyView> => {
    const key = (await keyLives.find(kid)).find((one) => one.kid === kid);
    if (key === undefined) throw new CodedError('key_unknown', 'No key of that kid is ours.');
    return key;
  };
  const note = (context: Context, act: Act): Promise<string[]> =>
    audit.record([describeAct(context, act, clock.nowMs())]);

  routes.get('/keys', async (context) => {
    const query = readQuery(context, keyQuery);
    const { issuer: whose, kid: beginning = '' } = query;
    const all = await selectKeys(parts, whose, beginning);
    const rest = all.filter(({ kid }) => kid > query.after);
    const keys = rest.slice(0, query.limit);
    const next = rest.length > keys.length ? keys.at(-1)?.kid : undefined;
    const rotator = keyLives.heartbeat();
    const answer = { atMs: clock.nowMs(), keys, total: all.length, next: next ?? null, rotator };
    return context.json(answer, 200, { 'cache-control': 'no-store' });
  });
  routes.post('/keys/rotate', async (context) => {
    const { issuer: whose, ...options } = given(await readJson(context, rotation));
    const by = context.get('operator');
    await note(context, { action: 'rotate', issuer: whose, reason: options.reason });
    return context.json({ keys: await keyLives.rotate(whose, { ...options, by }) });
  });
  routes.post('/keys/rollback', async (context) => {
    const { issuer: whose, ...options } = given(await readJson(context, rollback));
    const by = context.get('operator');
    await note(context, { action: 'rollback', issuer: whose, reason: options.reason });
    return context.json({ keys: await keyLives.rollBack(whose, { ...options, by }) });
  });
  routes.post('/keys/:kid/revoke', async (context) => {
    const kid = context.req.param('kid');
    const body = await readJson(context, revocation);
    const by = context.get('operator');
    const act: Act = { action: 'revoke', kid, reason: body.reason };
    try {
      const key = await keyLives.revoke(kid, { reason: body.reason, by });
      return context.json({ key });
    } finally {
      // Also when it is unfinished: what was begun is on record with who began it.
      await note(context, act).catch((err: unknown) =>
        log.error({ err, kid, by }, 'a key was revoked and who did it could not be recorded'),
      );
    }
  });
  routes.get('/keys/:kid/exposure', async (context) => {
    const key = await findKey(context.req.param('kid'));
    const { kid } = key;
    await note(context, { action: 'exposure', kid, issuer: key.issuer, key });
    // A report over millions of tokens takes its time: who asks meanwhile shares it.
    const report = exposures.get(kid) ?? audit.readKeyExposure(kid);
    exposures.set(kid, report);
    try {
      return context.json({ key, exposure: await report }, 200, { 'cache-control': 'no-store' });
    } finally {
      exposures.delete(kid);
    }
  });
  return routes;
}

async function selectKeys(
  { keyLives, checkIssuer }: KeyRouteParts,
  whose: string | undefined,
  beginning: string,
): Promise<KeyView[]> {
  // Whoever names a key may want to stop it, and must find it while its signer does not answer.
  const named = beginning.length >= SHORTEST_NAME;
  const found = await (named ? keyLives.find(beginning) : keyLives.list(whose));
  const selected = found
    .filter((key) => whose === undefined || key.issuer === whose)
    .filter(({ kid }) => kid.startsWith(beginning));
  // An issuer that was mistyped has no keys either, and "nothing is wrong" is no answer to that.
  if (whose !== undefined && beginning === '' && selected.length === 0) await checkIssuer(whose);
  return selected.toSorted((one, other) => (one.kid < other.kid ? -1 : 1));
}

interface Act {
  action: 'rotate' | 'rollback' | 'revoke' | 'exposure';
  issuer?: string;
  kid?: string;
  reason?: string | undefined;
  key?: KeyView;
}

const WORDS: Readonly<Record<Act['action'], string>> = {
  rotate: 'asked to rotate the keys of',
  rollback: 'asked to undo the rotation of',
  revoke: 'revoked',
  exposure: 'read what was signed with',
};

function describeAct(context: Context, act: Act, timeMs: number): CountersignEvent {
  const { action, issuer: iss, kid, key, reason: why } = act;
  return {
    name: 'key.access',
    timeMs,
    ...(action === 'exposure' ? {} : { severity: 'high' }),
    ...(key === undefined ? {} : { realm: `${key.tenant}/${key.population}` as RealmId }),
    subject: context.get('operator'),
    token: {
      kind: 'other',
      ...(kid === undefined ? {} : { kid }),
      ...(iss === undefined ? {} : { issuer: iss }),
    },
    request: describeRequest(context),
    ...(why === undefined ? {} : { reason: why }),
    message: `${context.get('operator')} ${WORDS[action]} ${kid === undefined ? iss : `key ${kid}`}${why === undefined ? '' : `: ${why}`}.`,
    extra: { action },
  };
}
