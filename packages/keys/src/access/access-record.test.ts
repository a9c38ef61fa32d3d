import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { makeActive, SignerWorld, trySign } from '../testing/signer-world.ts';
import { makeScope, NOW_MS } from '../testing/token-fixture.ts';

let world: SignerWorld;
beforeEach(() => {
  world = new SignerWorld();
});
afterEach(() => world.end());
const HOUR_MS = 3_600_000;

describe('C-12 who touches the keys is written down', () => {
  it('with what, when, on which machine, by whom and why, in numbered lines that stay', async () => {
    let signer = await world.start();
    world.clock.advanceMs(1);
    const scope = makeScope();
    const asked = { by: 'ada', reason: 'rotation' };
    const { kid } = await signer.makeKey('EdDSA', scope, asked, 'parent');
    signer.changeKey(kid, 'revoked', { by: 'bob', reason: 'seen in a dump' }, 'tls server-2');
    signer = await world.kill();
    const [at, host] = [{ atMs: NOW_MS + 1 }, { host: hostname() }];
    const opened = { what: 'open', caller: `uid ${process.getuid?.()}`, ...host };
    assert.deepEqual(signer.readAccess(1, 10), {
      entries: [
        { number: 1, ...opened, atMs: NOW_MS },
        {
          number: 2,
          what: 'make',
          caller: 'parent',
          issuer: scope.issuer,
          ...asked,
          ...at,
          ...host,
        },
        {
          ...{ number: 3, what: 'change', caller: 'tls server-2', kid, to: 'revoked' },
          ...{ by: 'bob', reason: 'seen in a dump', ...at, ...host },
        },
        { number: 4, ...opened, ...at },
      ],
      lastNumber: 4,
    });
  });

  it('also when it was refused', async () => {
    const signer = await world.start();
    const { kid } = await signer.makeKey('EdDSA', makeScope());
    assert.throws(() => signer.changeKey(kid, 'active', { by: 'eve' }), { code: 'life_conflict' });
    await assert.rejects(signer.makeKey('EdDSA', makeScope({ tenant: 'globex' })));
    const { entries } = signer.readAccess(3, 10);
    assert.deepEqual(
      entries.map(({ what, by }) => [what, by]),
      [
        ['change', 'eve'],
        ['make', undefined],
      ],
    );
  });

  it('for each reader of the policy once an hour, with how often it read', async () => {
    const signer = await world.start();
    const told = () =>
      signer
        .readAccess(2, 100)
        .entries.map(({ caller, times }) => [caller, times] as [string, number]);
    for (let second = 0; second < 100; second += 1) {
      signer.listKeys(undefined, 'parent');
      world.clock.advanceMs(1000);
    }
    signer.listKeys(undefined, 'auditor');
    world.clock.advanceMs(HOUR_MS);
    signer.listKeys(undefined, 'parent');
    // A clock that is set back does not silence the record.
    world.clock.advanceMs(-3 * HOUR_MS);
    signer.listKeys(undefined, 'parent');
    assert.deepEqual(told(), [
      ['parent', 1],
      ['auditor', 1],
      ['parent', 100],
      ['parent', 1],
    ]);
  });

  it('for a key that nobody has business with, once a start', async () => {
    const signer = await world.start();
    const key = await makeActive(signer);
    signer.changeKey(key.kid, 'revoked');
    const { lastNumber } = signer.readAccess(1, 1);
    for (let time = 0; time < 3; time += 1) trySign(signer, key);
    const { entries } = signer.readAccess(lastNumber + 1, 10);
    assert.deepEqual(
      entries.map(({ what, kid }) => [what, kid]),
      [['tripwire', key.kid]],
    );
  });

  it('in a record that cannot be changed without the passphrase', async () => {
    await world.start();
    await world.restart();
    world.stop();
    const path = join(world.folder, 'access');
    const [, second] = readdirSync(path).sort() as [string, string];
    assert.equal((await world.start()).readAccess(1, 10).lastNumber, 3);
    world.stop();
    rmSync(join(path, second));
    await assert.rejects(world.start(), { code: 'access_corrupt', message: /move it away/ });
  });

  it('and no signature waits for it', async () => {
    const signer = await world.start();
    const key = await makeActive(signer);
    const { lastNumber } = signer.readAccess(1, 1);
    for (let time = 0; time < 20; time += 1) assert.equal(trySign(signer, key), 'signed');
    assert.equal(signer.readAccess(1, 1).lastNumber, lastNumber);
  });
});
