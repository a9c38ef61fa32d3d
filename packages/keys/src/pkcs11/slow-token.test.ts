import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { kidOf } from '../custody/public-jwk.ts';
import { buildSlowToken, type SlowToken } from '../testing/slow-token.ts';
import {
  initToken,
  noSoftHsm,
  PIN,
  type SoftHsm,
  startSoftHsm,
  TOKEN_LABEL,
} from '../testing/softhsm.ts';
import { Pkcs11Custody, type Pkcs11Options } from './pkcs11-custody.ts';

const skip = noSoftHsm;
let hsm: SoftHsm;
let folder: string;
let slow: SlowToken;
let asked = 0;
let custody: Pkcs11Custody | undefined;

beforeEach(() => {
  if (skip !== false) return;
  hsm = startSoftHsm();
  folder = mkdtempSync(join(tmpdir(), 'countersign-slow-'));
  slow = buildSlowToken(hsm.module, folder);
  asked = 0;
});
afterEach(async () => {
  if (skip !== false) return;
  slow.goOn();
  await custody?.close();
  hsm.remove();
  rmSync(folder, { recursive: true });
});

async function start(more: Partial<Pkcs11Options> = {}): Promise<Pkcs11Custody> {
  custody = await Pkcs11Custody.start({
    settings: { module: slow.module, tokenLabel: TOKEN_LABEL },
    readPin: () => {
      asked += 1;
      return Buffer.from(PIN);
    },
    home: { folder, sealingKey: createSecretKey(randomBytes(32)) },
    ...more,
  });
  return custody;
}

async function makeKey(token: Pkcs11Custody) {
  const { publicKey, place } = await token.make('ES256', 'issuer');
  return token.open({ kid: kidOf(publicKey), alg: 'ES256', publicKey, place });
}

/** Halves of keys in the token: SoftHSM has a file of each. */
function countObjects(): number {
  const names = readdirSync(hsm.tokens, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /[^/]{20,}\.object$/.test(name)).length;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a token that hangs (SoftHSM)', { skip }, () => {
  it('is given no more to sign, and what it has is signed when it goes on', async () => {
    const token = await start({ overdueMs: 100 });
    const key = await makeKey(token);
    slow.hang();
    const waiting = Array.from({ length: 40 }, (_, n) => key.sign(Buffer.from(String(n))));
    await until(() => key.away() !== undefined);
    assert.equal(key.away()?.code, 'signer_unavailable');
    assert.match(key.away()?.message ?? '', /does not keep up/);
    slow.goOn();
    await Promise.all(waiting);
    assert.equal(key.away(), undefined);
    assert.equal(key.made, 40);
  });

  it('is given no more when so many wait that none could be signed in time', async () => {
    const token = await start();
    const key = await makeKey(token);
    slow.hang();
    const waiting = Array.from({ length: 1100 }, (_, n) => key.sign(Buffer.from(String(n))));
    assert.equal(key.away()?.code, 'signer_unavailable');
    slow.goOn();
    await Promise.all(waiting);
    assert.equal(key.away(), undefined);
  });

  it('makes no key for a while, and nobody waits for it for ever', async () => {
    const token = await start({ makeMs: 1500 });
    const key = await makeKey(token);
    slow.hang();
    const refused = { code: 'signer_unavailable', message: /does not keep up/ };
    await assert.rejects(token.make('ES256', 'issuer'), refused);
    await assert.rejects(token.make('ES256', 'issuer'), refused);
    assert.equal(countObjects(), 2);
    slow.goOn();
    await key.sign(Buffer.from('x'));
    for (let made: unknown; made === undefined; )
      made = await token.make('ES256', 'issuer').catch(() => undefined);
    assert.equal(countObjects(), 4, 'the one that came too late is not there');
  });
});

describe('another token in its place (SoftHSM)', { skip }, () => {
  it('is not given the PIN, though it carries the same label', async () => {
    const token = await start();
    const key = await makeKey(token);
    assert.equal(asked, 1);
    renameSync(hsm.tokens, `${hsm.tokens}.out`);
    mkdirSync(hsm.tokens);
    initToken(hsm.conf, TOKEN_LABEL);
    await assert.rejects(Promise.resolve(key.sign(Buffer.from('x'))));
    assert.match(
      key.away()?.message ?? '',
      /There is no token "countersign test" \([0-9a-f]{16}\)/,
    );
    assert.equal(asked, 1);
    rmSync(hsm.tokens, { recursive: true });
    renameSync(`${hsm.tokens}.out`, hsm.tokens);
    await until(() => key.away() === undefined);
    await key.sign(Buffer.from('x'));
    assert.equal(asked, 2);
  });
});
