// Whatever is done to a token, the answer is a refusal with a code; and no input makes the verifier
// fail in a way it was not built for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVerifier } from '../create-verifier.ts';
import { VerificationError } from '../refusal.ts';
import { AUDIENCE, NOW_MS, segment, TestIssuer } from '../testing/test-issuer.ts';

const issuer = new TestIssuer('EdDSA');
const genuine = issuer.issueBatch([{}, {}, {}, {}]);
const [first = ''] = genuine;
const verifier = createVerifier(issuer.policy(), {
  clock: { nowMs: () => NOW_MS },
  keys: await issuer.keys(),
  auditor: 'off',
});

async function refused(token: string): Promise<void> {
  const outcome = await verifier.verifyToken(token, { audience: AUDIENCE }).catch((error) => error);
  assert.ok(outcome instanceof VerificationError, `accepted: ${token}`);
  assert.notEqual(outcome.code, 'verifier_misconfigured', String(outcome.cause));
  const checks = await verifier.explain(token, { audience: AUDIENCE });
  assert.ok(checks.some((check) => check.outcome === 'failed'));
}

test('a genuine token is accepted, so that the refusals below mean something', async () => {
  for (const token of genuine) assert.ok(await verifier.verifyToken(token, { audience: AUDIENCE }));
});

test('the check itself fails for a token that is accepted', async () => {
  await assert.rejects(refused(first), { code: 'ERR_ASSERTION' });
});

test('no text is accepted that was not issued', async () => {
  const piece = fc.oneof(fc.base64String(), fc.string(), fc.constantFrom(...first.split('.')));
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 5 }), async (pieces) => {
      const token = pieces.join('.');
      if (!genuine.includes(token)) await refused(token);
    }),
    { numRuns: 300 },
  );
});

test('no genuine token survives a letter changed, left out or put in', async () => {
  const place = fc.nat(first.length - 1);
  const letters = fc.string({ unit: fc.constantFrom(...'AQz09-_.=+/é \n'), maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(place, fc.nat(2), letters, async (at, removed, inserted) => {
      const token = first.slice(0, at) + inserted + first.slice(at + removed);
      if (token !== first) await refused(token);
    }),
    { numRuns: 500 },
  );
});

test('with the stolen key, no header and no payload of any JSON is accepted without a receipt', async () => {
  const alike = { alg: 'EdDSA', kid: issuer.kid, typ: 'at+jwt' };
  const payloadAlike = {
    iss: 'https://id.example/acme/workforce',
    aud: AUDIENCE,
    iat: NOW_MS / 1000,
  };
  const header = fc.oneof(
    fc.jsonValue(),
    fc
      .dictionary(fc.constantFrom('itr', 'crit', 'jwk', 'x'), fc.jsonValue())
      .map((more) => ({ ...alike, ...more })),
  );
  const payload = fc.oneof(
    fc.jsonValue(),
    fc
      .dictionary(
        fc.constantFrom('exp', 'sub', 'jti', 'aud', 'scope', 'cnf', '__proto__'),
        fc.jsonValue(),
      )
      .map((more) => ({ ...payloadAlike, ...more })),
  );
  await fc.assert(
    fc.asyncProperty(header, payload, async (head, body) => {
      await refused(issuer.sign(segment(JSON.stringify(head)), segment(JSON.stringify(body))));
    }),
    { numRuns: 500 },
  );
});
