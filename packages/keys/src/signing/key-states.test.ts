import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KeyState } from '../life/key-life.ts';
import {
  makeActive,
  PASSPHRASE,
  requestOf,
  resultOf,
  SignerWorld,
  trySign,
} from '../testing/signer-world.ts';
import { makeScope, NOW_MS, NOW_SECONDS } from '../testing/token-fixture.ts';
import { writeOldKey } from '../testing/write-old-key.ts';

let world: SignerWorld;
beforeEach(() => {
  world = new SignerWorld();
});
afterEach(() => world.end());
const livesIn = (folder: string): string[] => {
  const path = join(folder, 'lives');
  return readdirSync(path).map((name) => join(path, name));
};

describe('a key in its life', () => {
  it('signs only while it is active, and says why not otherwise', async () => {
    const signer = await world.start();
    const key = await signer.makeKey('EdDSA', makeScope());
    assert.equal(key.life.state, 'planned');
    assert.equal(trySign(signer, key), 'key_not_active');
    const steps: [KeyState, string][] = [
      ['published', 'key_not_active'],
      ['active', 'signed'],
      ['retiring', 'key_retired'],
      ['retired', 'key_retired'],
      ['revoked', 'key_revoked'],
    ];
    for (const [to, result] of steps) {
      world.clock.advanceMs(1000);
      assert.equal(signer.changeKey(key.kid, to).life.state, to);
      assert.equal(trySign(signer, key), result);
    }
    const [{ life }] = signer.listKeys() as [typeof key];
    const since = ['planned', 'published', 'active', 'retiring', 'retired', 'revoked'];
    const times = since.map((state, index) => [state, NOW_MS + index * 1000]);
    assert.deepEqual(life, { state: 'revoked', sinceMs: Object.fromEntries(times) });
  });

  it('goes one way: a step back or over another is refused and changes nothing', async () => {
    const signer = await world.start();
    const { kid } = await makeActive(signer);
    for (const to of ['planned', 'published', 'retired'] as const) {
      assert.throws(() => signer.changeKey(kid, to), { code: 'life_conflict' });
    }
    signer.changeKey(kid, 'revoked', { reason: 'found in a dump' });
    const revoked = signer.listKeys();
    world.clock.advanceMs(5000);
    assert.throws(() => signer.changeKey(kid, 'active'), { code: 'life_conflict' });
    signer.changeKey(kid, 'revoked', { reason: 'again' });
    assert.deepEqual(signer.listKeys(), revoked);
    assert.equal(revoked[0]?.life.reason, 'found in a dump');
    assert.throws(() => signer.changeKey('nobody', 'revoked'), { code: 'unknown_key' });
  });

  it('may retire from being a standby, and be revoked from anywhere', async () => {
    const signer = await world.start();
    const standby = await signer.makeKey('EdDSA', makeScope());
    signer.changeKey(standby.kid, 'published');
    assert.equal(signer.changeKey(standby.kid, 'retiring').life.state, 'retiring');
    const planned = await signer.makeKey('EdDSA', makeScope());
    assert.equal(signer.changeKey(planned.kid, 'revoked').life.state, 'revoked');
  });

  it('is where it was after a restart and after a kill', async () => {
    let signer = await world.start();
    const key = await makeActive(signer);
    signer = await world.kill();
    assert.equal(trySign(signer, key), 'signed');
    signer.changeKey(key.kid, 'revoked', { reason: 'stolen\u2028twice' });
    const revoked = signer.listKeys();
    for (const next of [() => world.kill(), () => world.restart()]) {
      signer = await next();
      assert.equal(trySign(signer, key), 'key_revoked');
      const [{ life }] = signer.listKeys() as [typeof key];
      assert.deepEqual(life, revoked[0]?.life);
    }
  });

  it('is counted: in the journal, since this start, and by its custody', async () => {
    let signer = await world.start();
    const key = await makeActive(signer);
    signer.signBatch([requestOf(key), requestOf(key)]);
    signer = await world.restart();
    signer.signBatch([requestOf(key)]);
    signer.changeKey(key.kid, 'retiring');
    const counts = { journalled: 3, sinceStart: 1, made: 1, failed: 0 };
    assert.deepEqual(signer.listKeys()[0]?.counts, counts);
  });

  it('is made only within what its signer allows to live', async () => {
    const signer = await world.start({ longestKeyLifeSeconds: 14 * 86_400 });
    const wanted = { code: 'scope_malformed' };
    await assert.rejects(signer.makeKey('EdDSA', makeScope()), wanted);
    const notAfterSeconds = makeScope().notBeforeSeconds + 14 * 86_400;
    await signer.makeKey('EdDSA', makeScope({ notAfterSeconds }));
  });
});

describe('C-01 past its end a key is refused by the signer', () => {
  const toItsEnd = (): void =>
    world.clock.advanceMs((makeScope().notAfterSeconds - NOW_SECONDS) * 1000);

  it('whatever its state, and retires', async () => {
    const signer = await world.start();
    const keys = [await makeActive(signer), await signer.makeKey('EdDSA', makeScope())];
    signer.changeKey(keys[1]?.kid as string, 'published');
    toItsEnd();
    for (const key of keys) assert.equal(trySign(signer, key), 'key_expired');
    for (const { life, kid } of signer.listKeys()) {
      assert.equal(life.state, 'retired');
      assert.equal(life.sinceMs.retired, makeScope().notAfterSeconds * 1000);
      assert.throws(() => signer.changeKey(kid, 'active'), { code: 'life_conflict' });
    }
  });

  it('and stays so when the clock goes back, in this process and the next', async () => {
    let signer = await world.start();
    const key = await makeActive(signer);
    const old = await writeOldKey(world.folder, PASSPHRASE, { alg: 'EdDSA' });
    signer = await world.restart();
    assert.equal(trySign(signer, { kid: old, alg: 'EdDSA' }), 'signed');
    toItsEnd();
    // Nobody asks for a signature: a look at the keys is enough.
    signer.status();
    world.clock.advanceMs(-29 * 86_400_000);
    for (const next of [() => signer, () => world.kill(), () => world.restart()]) {
      signer = await next();
      assert.equal(trySign(signer, key), 'key_retired');
      assert.equal(trySign(signer, { kid: old, alg: 'EdDSA' }), 'key_retired');
    }
  });

  it('also when it ended while no signer ran, and the clock went back after the next start', async () => {
    let signer = await world.start();
    const key = await makeActive(signer);
    world.stop();
    toItsEnd();
    signer = await world.start();
    world.clock.advanceMs(-29 * 86_400_000);
    assert.equal(trySign(signer, key), 'key_retired');
  });
});

describe('C-06 a kid names one key for ever', () => {
  it('is the thumbprint of its key, and a new key has a new one', async () => {
    const signer = await world.start();
    const keys = await Promise.all(
      Array.from({ length: 8 }, () => signer.makeKey('EdDSA', makeScope())),
    );
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, 8);
    for (const { kid, publicJwk } of keys) assert.equal(publicJwk.kid, kid);
  });

  it('is refused when a custody hands out a key a second time', async () => {
    const { Custodies } = await import('../custody/custodies.ts');
    const { softwareCustody } = await import('../custody/software-custody.ts');
    const made = await softwareCustody.make('EdDSA', 'once');
    const broken = { ...softwareCustody, make: async () => made };
    const signer = await world.start({ openCustodies: async () => new Custodies([broken]) });
    const { kid } = await signer.makeKey('EdDSA', makeScope());
    signer.changeKey(kid, 'revoked');
    await assert.rejects(signer.makeKey('EdDSA', makeScope()), { code: 'key_duplicate' });
    assert.deepEqual(
      signer.listKeys().map(({ life }) => life.state),
      ['revoked'],
    );
  });

  it('is not taken up again after its file was moved away and the signer started anew', async () => {
    const signer = await world.start();
    const { kid } = await makeActive(signer);
    world.stop();
    renameSync(join(world.folder, 'keys', `${kid}.json`), join(world.folder, 'away.json'));
    await assert.rejects(world.start(), { code: 'key_file_missing' });
    assert.deepEqual(readdirSync(join(world.folder, 'keys')), []);
  });
});

describe('a revocation', () => {
  it('holds for what comes after it in the same batch of requests, and not for what came before', async () => {
    // See client/signer-client.test.ts for the batch of a pipe; here: of one call after another.
    const signer = await world.start();
    const key = await makeActive(signer);
    const before = signer.signBatch([requestOf(key)]);
    signer.changeKey(key.kid, 'revoked');
    const after = signer.signBatch([requestOf(key), requestOf(key)]);
    assert.deepEqual([...before, ...after].map(resultOf), ['signed', 'key_revoked', 'key_revoked']);
    assert.equal(signer.status().lastNumber, 1);
  });
});

describe('a signature that takes its time', () => {
  it('is not released once its key was revoked, and counts all the same', async () => {
    const signer = await world.start();
    const [revoked, retiring] = [
      await makeActive(signer, makeScope(), 'RS256'),
      await makeActive(signer, makeScope(), 'RS256'),
    ];
    const outcomes = signer.signBatch([requestOf(revoked), requestOf(retiring)]);
    signer.changeKey(revoked.kid, 'revoked');
    signer.changeKey(retiring.kid, 'retiring');
    const [first, second] = outcomes.map((outcome) => 'signature' in outcome && outcome.signature);
    await assert.rejects(async () => first, { code: 'key_revoked' });
    assert.equal((await second)?.constructor.name, 'Buffer');
    const counts = { journalled: 1, sinceStart: 1, made: 1, failed: 0 };
    for (const key of signer.listKeys()) assert.deepEqual(key.counts, counts);
  });

  it('is not released past the end of its key, however long the custody took', async () => {
    const signer = await world.start();
    const key = await makeActive(signer, makeScope(), 'RS256');
    const [outcome = assert.fail()] = signer.signBatch([requestOf(key)]);
    world.clock.advanceMs((makeScope().notAfterSeconds - NOW_SECONDS) * 1000);
    await assert.rejects(async () => 'signature' in outcome && outcome.signature, {
      code: 'key_expired',
    });
  });
});

describe('C-13 a key that nobody has business with', () => {
  it('is told of by the status, with how often and when it was last asked for', async () => {
    const signer = await world.start();
    const [retired, revoked, active] = [
      await makeActive(signer),
      await makeActive(signer),
      await makeActive(signer),
    ];
    signer.changeKey(retired.kid, 'retiring');
    assert.equal(trySign(signer, retired), 'key_retired');
    assert.deepEqual(signer.status().tripped, [], 'one that retires may still be asked for');
    signer.changeKey(retired.kid, 'retired');
    signer.changeKey(revoked.kid, 'revoked');
    for (const key of [retired, active, revoked, retired]) {
      world.clock.advanceMs(1);
      trySign(signer, key);
    }
    assert.deepEqual(signer.status().tripped, [
      { kid: revoked.kid, count: 1, lastMs: NOW_MS + 3 },
      { kid: retired.kid, count: 2, lastMs: NOW_MS + 4 },
    ]);
  });

  it('is no tripwire on the day that it ends while active: that is the rotator failing', async () => {
    const signer = await world.start();
    const key = await makeActive(signer);
    world.clock.advanceMs((makeScope().notAfterSeconds - NOW_SECONDS) * 1000);
    assert.equal(trySign(signer, key), 'key_expired');
    assert.deepEqual(signer.status().tripped, []);
    world.clock.advanceMs(86_400_000);
    assert.equal(trySign(signer, key), 'key_expired');
    assert.equal(signer.status().tripped.length, 1);
  });
});

describe('a folder whose record of lives is not as it was left', () => {
  it('stays shut when a key has no life: moved in, or lives/ lost', async () => {
    const signer = await world.start();
    const key = await makeActive(signer);
    signer.changeKey(key.kid, 'revoked');
    world.stop();
    const keyFiles = readdirSync(join(world.folder, 'keys'));
    rmSync(join(world.folder, 'lives'), { recursive: true });
    await assert.rejects(world.start(), {
      code: 'key_life_missing',
      message: /Restore the folder/,
    });
    assert.deepEqual(readdirSync(join(world.folder, 'keys')), keyFiles);
  });

  it('stays shut when an older copy of lives/ was put back and a key has come since', async () => {
    const signer = await world.start();
    const key = await makeActive(signer);
    const older = world.copy();
    signer.changeKey(key.kid, 'revoked');
    await signer.makeKey('EdDSA', makeScope());
    world.stop();
    rmSync(join(world.folder, 'lives'), { recursive: true });
    renameSync(join(older, 'lives'), join(world.folder, 'lives'));
    await assert.rejects(world.start(), { code: 'key_life_missing' });
  });

  it('stays shut when somebody without the passphrase turned revoked into active', async () => {
    const signer = await world.start();
    const key = await makeActive(signer);
    signer.changeKey(key.kid, 'revoked');
    world.stop();
    const [path] = livesIn(world.folder) as [string];
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll('"revoked"', '"active"'));
    await assert.rejects(world.start(), { code: 'key_life_corrupt' });
    writeFileSync(path, text);
    assert.equal(trySign(await world.start(), key), 'key_revoked');
  });

  it('stays shut when the file of a key that was never used is gone, and forgets one never shown', async () => {
    const signer = await world.start();
    const { kid } = await signer.makeKey('EdDSA', makeScope());
    const path = join(world.folder, 'keys', `${kid}.json`);
    const bytes = readFileSync(path);
    // As if the process had died between the record of its life and its file.
    unlinkSync(path);
    assert.deepEqual((await world.kill()).listKeys(), []);
    writeFileSync(join(world.folder, 'keys', `${kid}.json`), bytes);
    const again = await world.restart();
    again.changeKey(kid, 'published');
    unlinkSync(join(world.folder, 'keys', `${kid}.json`));
    await assert.rejects(world.restart(), { code: 'key_file_missing' });
  });

  it('opens as before when it is older than the record, and keeps what happens to its keys', async () => {
    await world.start();
    world.stop();
    rmSync(join(world.folder, 'lives'), { recursive: true });
    const key = { kid: await writeOldKey(world.folder, PASSPHRASE), alg: 'ES256' as const };
    let signer = await world.start();
    const sinceMs = { planned: NOW_MS, published: NOW_MS, active: NOW_MS };
    assert.deepEqual(signer.listKeys()[0]?.life, { state: 'active', sinceMs });
    assert.equal(trySign(signer, key), 'signed');
    signer.changeKey(key.kid, 'revoked');
    signer = await world.kill();
    assert.equal(trySign(signer, key), 'key_revoked');
  });
});
