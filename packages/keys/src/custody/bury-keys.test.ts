import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { PublicKeyRecord } from '../life/public-key-record.ts';
import type { Signer } from '../signing/signer.ts';
import { makeActive, PASSPHRASE, SignerWorld, trySign } from '../testing/signer-world.ts';
import { makeScope, NOW_MS } from '../testing/token-fixture.ts';
import { writeOldKey } from '../testing/write-old-key.ts';

let world: SignerWorld;
beforeEach(() => {
  world = new SignerWorld();
});
afterEach(() => world.end());

const fileOf = ({ kid }: { kid: string }): string => join(world.folder, 'keys', `${kid}.json`);
const retire = (signer: Signer, { kid }: { kid: string }): PublicKeyRecord => {
  signer.changeKey(kid, 'retiring');
  return signer.changeKey(kid, 'retired');
};
const fingerprintedKids = (): string[] =>
  JSON.parse(readFileSync(join(world.folder, 'fingerprints.json'), 'utf8')).secrets.map(
    ({ kid }: { kid: string }) => kid,
  );
const drop = (folder: string): void => rmSync(join(world.folder, folder), { recursive: true });

/** With no room for a file of more than a few bytes. */
async function withoutRoom(deed: () => Promise<void>): Promise<void> {
  const limit = (size: string): void => {
    const { status } = spawnSync('prlimit', [`--pid=${process.pid}`, `--fsize=${size}:`]);
    assert.equal(status, 0);
  };
  limit('16');
  try {
    await deed();
  } finally {
    limit('unlimited');
  }
}

describe('a key that is over', () => {
  it('loses its private half and nothing else: listed, counted and refused as before, over starts', async () => {
    let signer = await world.start();
    const [retired, revoked, active] = [
      await makeActive(signer, makeScope(), 'ES256'),
      await makeActive(signer),
      await makeActive(signer),
    ];
    for (const key of [retired, revoked, active]) assert.equal(trySign(signer, key), 'signed');
    retire(signer, retired);
    signer.changeKey(revoked.kid, 'revoked', { reason: 'lost' });
    const before = signer.listKeys();
    await signer.bury(0);
    assert.deepEqual(signer.listKeys(), before);
    assert.deepEqual([retired, revoked, active].map(fileOf).map(existsSync), [false, false, true]);
    for (const next of [() => signer, () => world.kill(), () => world.restart()]) {
      signer = await next();
      assert.equal(trySign(signer, retired), 'key_retired');
      assert.equal(trySign(signer, revoked), 'key_revoked');
      const tripped = signer.status().tripped.map(({ kid }) => kid);
      assert.deepEqual(tripped, [retired.kid, revoked.kid]);
      assert.equal(signer.status().keys, 3);
      const [first] = signer.listKeys(undefined, 'test', { kid: revoked.kid });
      assert.deepEqual(first?.life, before.find(({ kid }) => kid === revoked.kid)?.life);
      assert.equal(first?.counts.journalled, 1);
    }
    assert.equal(trySign(signer, active), 'signed');
  });

  it('is left as it is for a moment, for what it is signing', async () => {
    const signer = await world.start();
    const key = await makeActive(signer);
    signer.changeKey(key.kid, 'revoked');
    await signer.bury();
    assert.ok(existsSync(fileOf(key)));
  });

  it('is buried later when there is no room now, and is never in neither place', async () => {
    let signer = await world.start();
    const key = await makeActive(signer);
    retire(signer, key);
    const before = signer.listKeys();
    const bytes = readFileSync(fileOf(key));
    await withoutRoom(() => signer.bury(0));
    assert.deepEqual(signer.listKeys(), before);
    assert.deepEqual(readFileSync(fileOf(key)), bytes);
    signer = await world.kill();
    assert.deepEqual(signer.listKeys(), before);
    await signer.bury(0);
    assert.ok(!existsSync(fileOf(key)));
  });

  it('can be revoked yet, and stays revoked', async () => {
    let signer = await world.start();
    const key = await makeActive(signer);
    retire(signer, key);
    await signer.bury(0);
    await withoutRoom(async () => {
      assert.throws(() => signer.changeKey(key.kid, 'revoked'), { code: 'journal_full' });
    });
    assert.equal(trySign(signer, key), 'key_revoked');
    const life = signer.changeKey(key.kid, 'revoked', { reason: 'found in a dump' }).life;
    for (const next of [() => world.kill(), () => world.restart({ spareLines: 0 })]) {
      signer = await next();
      assert.equal(signer.listKeys()[0]?.life.state, 'revoked');
      await signer.bury(0);
    }
    drop('lives');
    signer = await world.restart();
    assert.deepEqual(signer.listKeys()[0]?.life, life);
    assert.throws(() => signer.changeKey(key.kid, 'active'), { code: 'life_conflict' });
  });

  it('is found in a dump for some time, though nothing here could sign with it', async () => {
    const signer = await world.start();
    const key = await makeActive(signer);
    retire(signer, key);
    await signer.bury(0);
    await world.restart();
    assert.deepEqual([...new Set(fingerprintedKids())], [key.kid]);
  });

  it('binds the keys that come after it, and its kid is nobody else’s', async () => {
    const { Custodies } = await import('./custodies.ts');
    const { softwareCustody } = await import('./software-custody.ts');
    const made = await softwareCustody.make('EdDSA', 'once');
    const broken = { ...softwareCustody, make: async () => made };
    const options = { openCustodies: async () => new Custodies([broken]) };
    let signer = await world.start(options);
    const { kid } = await signer.makeKey('EdDSA', makeScope());
    signer.changeKey(kid, 'revoked');
    await signer.bury(0);
    signer = await world.restart(options);
    await assert.rejects(signer.makeKey('EdDSA', makeScope()), { code: 'key_duplicate' });
    const other = makeScope({ tenant: 'somebody-else' });
    await assert.rejects(signer.makeKey('EdDSA', other), { code: 'scope_conflict' });
  });

  it('keeps its place in a list that is read page by page meanwhile', async () => {
    const signer = await world.start();
    const keys = [await makeActive(signer), await makeActive(signer), await makeActive(signer)];
    const page = (from: number) => signer.pageOfKeys({}, 'test', { from, bytes: 1 });
    const first = page(0);
    signer.changeKey(keys[2]?.kid as string, 'revoked');
    await signer.bury(0);
    const pages = [first, page(1), page(2)];
    assert.deepEqual(
      pages.map((one) => [one.keys.map(({ kid }) => kid), one.next]),
      keys.map(({ kid }, at) => [[kid], at === 2 ? null : at + 1]),
    );
  });

  it('is left out by who asks for those that ended since', async () => {
    const signer = await world.start();
    const [old, recent, live] = [
      await makeActive(signer),
      await makeActive(signer),
      await makeActive(signer),
    ];
    retire(signer, old);
    world.clock.advanceMs(1000);
    retire(signer, recent);
    const since = () =>
      signer
        .listKeys(makeScope().issuer, 'test', { endedAfterMs: NOW_MS + 1000 })
        .map(({ kid }) => kid);
    assert.deepEqual(since(), [recent.kid, live.kid]);
    await signer.bury(0);
    assert.deepEqual(since(), [recent.kid, live.kid]);
    signer.changeKey(old.kid, 'revoked');
    assert.deepEqual(since(), [old.kid, recent.kid, live.kid]);
  });
});

describe('a folder of before', () => {
  it('is taken over in turns: keys of both versions that ended long ago', async () => {
    await world.start();
    world.stop();
    const old: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      old.push(await writeOldKey(world.folder, PASSPHRASE, { alg: 'EdDSA' }));
    }
    let signer = await world.start();
    for (let n = 0; n < 20; n += 1) retire(signer, await makeActive(signer));
    world.clock.advanceMs(31 * 86_400_000);
    signer = await world.restart();
    const files = () => readdirSync(join(world.folder, 'keys')).length;
    const left: number[] = [];
    while (files() > 0) {
      await signer.bury(0);
      left.push(files());
    }
    assert.deepEqual(left, [24, 8, 0]);
    const states = (await world.restart()).listKeys().map(({ life }) => life.state);
    assert.deepEqual(new Set(states), new Set(['retired']));
    assert.equal(states.length, 40);
    assert.ok(old.length === 20);
  });
});

describe('the record of keys that are over', () => {
  const buried = async (): Promise<PublicKeyRecord> => {
    const signer = await world.start();
    const key = await makeActive(signer);
    retire(signer, key);
    await signer.bury(0);
    return key;
  };

  it('is missed when it is gone, used key or not', async () => {
    await buried();
    drop('ended');
    await assert.rejects(world.restart(), { code: 'key_file_missing' });
  });

  it('is missed when it is older than what the record of lives has forgotten', async () => {
    await buried();
    const older = world.copy();
    let signer = await world.restart();
    const key = await makeActive(signer);
    signer.changeKey(key.kid, 'revoked');
    await signer.bury(0);
    signer = await world.restart({ spareLines: 0 });
    assert.equal(trySign(signer, key), 'key_revoked');
    assert.equal(signer.listKeys().length, 2);
    world.stop();
    drop('ended');
    cpSync(join(older, 'ended'), join(world.folder, 'ended'), { recursive: true });
    await assert.rejects(world.start(), { code: 'ended_keys_corrupt' });
  });

  it('is not believed when somebody without the passphrase changed it, at a start or while it is used', async () => {
    const key = await buried();
    const [name] = readdirSync(join(world.folder, 'ended')) as [string];
    const path = join(world.folder, 'ended', name);
    const text = readFileSync(path, 'utf8');
    const signer = await world.restart();
    writeFileSync(path, text.replace('"retired"', '"planned"'));
    assert.equal(trySign(signer, key), 'ended_keys_corrupt');
    await assert.rejects(world.restart(), { code: 'ended_keys_corrupt' });
    writeFileSync(path, text);
    assert.equal(trySign(await world.restart(), key), 'key_retired');
  });

  it('outweighs older key files and lives that somebody puts back: the key stays over, the file goes', async () => {
    let signer = await world.start();
    const key = await makeActive(signer);
    const older = world.copy();
    retire(signer, key);
    await signer.bury(0);
    world.stop();
    drop('lives');
    for (const part of ['lives', 'keys']) {
      cpSync(join(older, part), join(world.folder, part), { recursive: true });
    }
    signer = await world.start();
    assert.equal(trySign(signer, key), 'key_retired');
    await signer.bury(0);
    assert.ok(!existsSync(fileOf(key)));
  });

  it('lets the record of lives forget: what is read at a start does not grow with keys of long ago', async () => {
    let signer = await world.start();
    const live = await makeActive(signer);
    for (let n = 0; n < 10; n += 1) {
      signer.changeKey((await makeActive(signer)).kid, 'revoked');
      await signer.bury(0);
    }
    const lines = (): number =>
      readdirSync(join(world.folder, 'lives'))
        .map((name) => readFileSync(join(world.folder, 'lives', name), 'utf8').split('\n').length)
        .reduce((sum, one) => sum + one, 0);
    const before = lines();
    // One start begins anew, the next removes what came before.
    await world.restart({ spareLines: 0 });
    signer = await world.restart({ spareLines: 0 });
    assert.ok(lines() < before / 5, `${before} became ${lines()}`);
    assert.equal(trySign(signer, live), 'signed');
    assert.equal(signer.listKeys().length, 11);
    renameSync(join(world.folder, 'ended'), join(world.folder, 'away'));
    await assert.rejects(world.restart(), { code: 'ended_keys_corrupt' });
  });
});
