// The example in the README is run as it stands there, with its three unknowns filled in.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as room from './index.ts';
import { NOW_MS, TestIssuer } from './testing/test-issuer.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function readExample(): string {
  const [, code = ''] = /```ts\n([^`]+)```/.exec(readme) ?? [];
  const [, imported = ''] = /import \{([^}]+)\} from '@countersign\/verifier';/.exec(code) ?? [];
  assert.notEqual(imported, '');
  return code.replace(/import [^;]+;/, `const {${imported}} = room;`);
}

test('the example in the README accepts a genuine token and refuses a forged one', async () => {
  const issuer = new TestIssuer('ES256');
  const keys = await issuer.keys();
  // The example needs nothing but a policy; here keys and time come from the test instead.
  const createVerifier: typeof room.createVerifier = (policy) =>
    room.createVerifier(policy, { keys, clock: { nowMs: () => NOW_MS }, auditor: 'off' });
  const body = `return (async () => { ${readExample()} return claims; })();`;
  const run = new Function('room', 'policyText', 'token', body);
  const withTestWorld = { ...room, createVerifier };
  const policyText = JSON.stringify(issuer.policy());
  const claims = await run(withTestWorld, policyText, issuer.issue());
  assert.equal(claims.sub, 'person-1');
  await assert.rejects(run(withTestWorld, policyText, issuer.forge()), {
    code: 'receipt_missing',
    status: 401,
  });
});

test('the README names every folder of this room', () => {
  const folders = ['token', 'receipt', 'merkle', 'note', 'policy', 'proof', 'jwks', 'platform'];
  for (const name of [...folders, 'json']) {
    assert.match(readme, new RegExp(`\\*\\*${name}\\*\\*`));
  }
});
