// A key that is over cannot be stolen any more: whoever takes the signer's folder, passphrase and all,
// finds no private half of it there.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openKeyFile, type SignatureAlg, Signer } from '@countersign/keys';
import { type Find, openScanner, publicKeyFinder } from '@countersign/keyscan';
import { isCodedError } from '@countersign/vocabulary';

const PASSPHRASE = Buffer.from('correct horse battery staple');
const ALGS: SignatureAlg[] = ['ES256', 'EdDSA', 'RS256'];
const home = mkdtempSync(join(tmpdir(), 'countersign-ended-'));
after(() => rmSync(home, { recursive: true, force: true }));

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());
}

/** What a thief makes of the folder: each file as it is, and what is sealed in it. */
function lootOf(folder: string): Buffer[] {
  return filesIn(folder).flatMap((path) => {
    const bytes = readFileSync(path);
    return [bytes, ...unsealed(bytes)];
  });
}

/** The numbers of a private half, as memory would hold them. */
function unsealed(bytes: Buffer): Buffer[] {
  try {
    const { d, p, q } = openKeyFile(bytes, PASSPHRASE).privateKey.export({ format: 'jwk' });
    const numbers = p === undefined ? [d] : [p, q];
    return numbers.map((number) => Buffer.from(number as string, 'base64url'));
  } catch (error) {
    if (isCodedError(error)) return [];
    throw error;
  }
}

function kidsFoundIn(loot: readonly Buffer[], jwks: string): Set<string> {
  const finds: Find[] = [];
  for (const bytes of loot) {
    const scanner = openScanner({ finders: [publicKeyFinder(jwks)] });
    finds.push(...scanner.push(bytes), ...scanner.end());
  }
  return new Set(finds.flatMap(({ kid }) => kid ?? []));
}

describe('a stolen folder, with its passphrase', () => {
  it('has the private halves of keys that live, and none of a key that is over', async () => {
    const signer = await Signer.open({ folder: home, passphrase: PASSPHRASE });
    const nowSeconds = Math.floor(Date.now() / 1000);
    const scope = {
      issuer: 'https://id.example/acme/workforce',
      tenant: 'acme',
      population: 'workforce' as const,
      audiences: '*' as const,
      tokenTypes: ['at+jwt' as const],
      longestLifetimeSeconds: 3600,
      notBeforeSeconds: nowSeconds - 60,
      notAfterSeconds: nowSeconds + 86_400,
    };
    const dead = await Promise.all(ALGS.map((alg) => signer.makeKey(alg, scope)));
    const live = await signer.makeKey('ES256', scope);
    const keys = signer.listKeys().map(({ publicJwk }) => publicJwk);
    const jwks = JSON.stringify({ keys });
    const all = new Set(keys.map(({ kid }) => kid));
    assert.deepEqual(kidsFoundIn(lootOf(home), jwks), all, 'the scan sees them');
    const sealed = dead.map(({ kid }) => {
      const file = JSON.parse(readFileSync(join(home, 'keys', `${kid}.json`), 'utf8'));
      return file.sealed.ciphertext as string;
    });
    for (const { kid } of dead) signer.changeKey(kid, 'revoked');
    await signer.bury(0);
    assert.deepEqual(kidsFoundIn(lootOf(home), jwks), new Set([live.kid]));
    for (const path of filesIn(home)) {
      const bytes = readFileSync(path);
      for (const text of sealed) assert.ok(!bytes.includes(text), `${path} has what was sealed`);
    }
    assert.equal(signer.listKeys().length, 4, 'their public halves are there for ever');
    signer.close();
  });
});
