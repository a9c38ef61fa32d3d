// A withdrawn or quarantined key takes every remembered decision with it, on every path, at the next
// use: through the real key source and the real feed.

import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { deflateSync } from 'node:zlib';
import { createVerifier } from '../create-verifier.ts';
import { formatNote } from '../note/parse-note.ts';
import { createNoteKey, formatVerifierKey } from '../note/verifier-key.ts';
import type { DeferredAuditor, ReplayVerdict } from '../ports.ts';
import { isVerificationError } from '../refusal.ts';
import { groundOf } from '../sessions/session-ground.ts';
import { TestHolder } from '../testing/test-holder.ts';
import { AUDIENCE, ISSUER, NOW, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';
import type { TokenContext } from './token-context.ts';

const FEED_URL = 'https://id.example/api/v1/feed';
const ORIGIN = 'log.example/log';
const STRICT = 'https://strict.example';
const feedPair = generateKeyPairSync('ed25519');
const feedRaw = feedPair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
const feedKey = createNoteKey(`${ORIGIN}/feed`, 'ed25519', new Uint8Array(feedRaw));

function signFeed(number: number, issuedMs: number, kids: string[], revoked: number[]): string {
  const bitmap = Buffer.alloc(64);
  for (const index of revoked) bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
  const quarantined = kids.map((kid) => ({ issuer: ISSUER, kid, sinceMs: 0, reason: 'revoked' }));
  const lst = deflateSync(bitmap).toString('base64url');
  const json = JSON.stringify({ number, issuedMs, quarantined, revoked: { firstIndex: 0, lst } });
  const text = `countersign/feed/v1\n${ORIGIN}\n${json}\n`;
  const blob = new Uint8Array(sign(null, Buffer.from(text), feedPair.privateKey));
  return formatNote({ text, signatures: [{ name: feedKey.name, id: feedKey.id, blob }] });
}

/** A verifier over what an issuer serves, and one token for every path on which decisions are kept. */
function open() {
  const issuer = new TestIssuer('ES256');
  const standby = new TestIssuer('ES256', issuer.log, 'standby');
  const holder = new TestHolder();
  const jwkOf = (key: TestIssuer) => ({
    ...key.publicJwk,
    kid: key.kid,
    alg: 'ES256',
    iss: ISSUER,
    tenant: 'acme',
    token_types: ['at+jwt', 'JWT'],
    nbf: NOW - 60,
    exp: NOW + 86_400,
    itr: key.publish(),
  });
  const world = {
    nowMs: NOW_MS,
    keys: [jwkOf(issuer), jwkOf(standby)],
    quarantined: [] as string[],
    revoked: [] as number[],
    number: 1,
  };
  const auditor: DeferredAuditor = {
    enqueue: () => true,
    blocked: () => false,
    auditLagMs: () => 0,
    awaitInclusion: async () => 'included',
  };
  const logs = [issuer.logPolicy()];
  const receipts = { mode: 'required', logs, startByKid: {}, keys: 'required' } as const;
  const policy = issuer.policy({ receipts: { ...receipts, strictAudiences: [STRICT] } });
  const feed = { url: FEED_URL, key: formatVerifierKey(feedKey), maxStaleSeconds: 60 };
  const verifier = createVerifier(
    { ...policy, feed },
    {
      clock: { nowMs: () => world.nowMs },
      fetch: async (url) =>
        new Response(
          url === FEED_URL
            ? signFeed(world.number, world.nowMs, world.quarantined, world.revoked)
            : JSON.stringify({ keys: world.keys }),
        ),
      auditor,
      replay: { record: async (): Promise<ReplayVerdict> => 'first' },
      dpop: { replay: { record: () => 'first' } },
    },
  );
  const bound = { cnf: { jkt: holder.thumbprint } };
  const paths: Record<string, [string, () => Partial<TokenContext>]> = {
    plain: [issuer.issue(), () => ({})],
    once: [issuer.issue(), () => ({ once: true })],
    id: [issuer.issue({ header: { typ: 'JWT' } }), () => ({ type: 'id' })],
    strict: [issuer.issue({ claims: { aud: STRICT } }), () => ({ audience: STRICT })],
  };
  const boundToken = issuer.issue({ claims: bound });
  const prove = () => holder.prove(boundToken, { iat: Math.floor(world.nowMs / 1000) });
  const http = { method: 'GET', url: 'https://api.example/mail', scheme: 'DPoP' } as const;
  paths['bound'] = [boundToken, () => ({ http: { ...http, dpopProof: prove() } })];
  const verdicts = async () => {
    const all: Record<string, string> = {};
    for (const [name, [token, context]] of Object.entries(paths)) {
      all[name] = await verifier.verifyToken(token, { audience: AUDIENCE, ...context() }).then(
        ({ cached }) => (cached ? 'remembered' : 'accepted'),
        (error: unknown) => (isVerificationError(error) ? error.code : String(error)),
      );
    }
    return [...new Set(Object.values(all))].length === 1 ? all['plain'] : all;
  };
  /** Lets time pass; the first use after it begins the fetches that are due. */
  const pass = async (ms: number) => {
    world.nowMs += ms;
    world.number += 1;
    await verdicts();
  };
  /** Asks until what is fetched behind has arrived; the last answer, if it never does. */
  const comesTo = async (wanted: unknown) => {
    for (let tries = 0; tries < 500 && !isDeepStrictEqual(await verdicts(), wanted); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.deepEqual(await verdicts(), wanted);
  };
  return {
    issuer,
    standby,
    world,
    verifier,
    verdicts,
    pass,
    comesTo,
    plain: paths['plain']?.[0] ?? '',
  };
}

describe('C-14 every remembered decision of a key goes with it', () => {
  it('when the feed quarantines it, at the next use on every path, and new tokens are good', async () => {
    const { verifier, standby, world, verdicts, pass, comesTo, issuer, plain } = open();
    assert.equal(await verdicts(), 'accepted');
    assert.equal(await verdicts(), 'remembered');
    const ground = groundOf(await verifier.verifyToken(plain, { audience: AUDIENCE }));
    assert.equal((await verifier.standing(ground)).stands, true);
    world.quarantined = [issuer.kid];
    await pass(5_000);
    await comesTo('key_quarantined');
    const standing = await verifier.standing(ground);
    assert.equal(!standing.stands && standing.code, 'key_quarantined');
    await verifier.verifyToken(standby.issue(), { audience: AUDIENCE });
  });

  it('when the key set shows it no more, and is judged from the beginning when it comes back', async () => {
    const { verifier, world, verdicts, pass, comesTo, plain } = open();
    assert.equal(await verdicts(), 'accepted');
    const ground = groundOf(await verifier.verifyToken(plain, { audience: AUDIENCE }));
    const both = world.keys;
    world.keys = both.slice(1);
    await pass(60_000);
    await comesTo('key_withdrawn');
    const standing = await verifier.standing(ground);
    assert.equal(!standing.stands && standing.code, 'key_withdrawn');
    world.keys = both;
    await pass(60_000);
    await comesTo('remembered');
    assert.equal((await verifier.standing(ground)).stands, true);
  });

  it('and a revoked token goes alone', async () => {
    const { verifier, world, verdicts, pass, comesTo, plain } = open();
    await verdicts();
    const { receipt } = await verifier.verifyToken(plain, { audience: AUDIENCE });
    world.revoked = [receipt?.index ?? -1];
    await pass(5_000);
    await comesTo({
      plain: 'token_revoked',
      once: 'remembered',
      id: 'remembered',
      strict: 'remembered',
      bound: 'remembered',
    });
  });
});
