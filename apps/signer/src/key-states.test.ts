import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KeyState, PublicKeyRecord, SignerClient } from '@countersign/keys';
import type { CodedError } from '@countersign/vocabulary';
import { makeActive } from './testing/make-active.ts';
import { makeInput, makeScope, newHome, startSigner } from './testing/start-signer.ts';

let home: ReturnType<typeof newHome>;
beforeEach(() => {
  home = newHome();
});
afterEach(() => home.remove());

const STATES = ['planned', 'published', 'active', 'retiring', 'retired', 'revoked'] as const;
const rank = (state: KeyState): number => STATES.indexOf(state);

/** Makes keys and moves them on until the signer is gone; tells every state that was answered. */
async function moveUntilGone(
  signer: SignerClient,
  answered: (key: PublicKeyRecord) => void,
): Promise<void> {
  try {
    for (;;) {
      const key = await signer.makeKey('EdDSA', makeScope());
      answered(key);
      for (const to of STATES.slice(1)) answered(await signer.changeKey(key.kid, to));
    }
  } catch (error) {
    assert.equal((error as CodedError).code, 'signer_unavailable');
  }
}

describe('a signer that is killed while keys change', () => {
  it('starts again, and every state that was answered is still reached', async () => {
    const known = new Map<string, KeyState>();
    for (let death = 0; death < 6; death += 1) {
      const { signer, child, exited } = startSigner(home.folder, home.secret);
      const listed = new Map((await signer.listKeys()).map((key) => [key.kid, key]));
      for (const [kid, state] of known) {
        const found = listed.get(kid);
        assert.ok(found !== undefined, 'a key that was answered is gone');
        assert.ok(rank(found.life.state) >= rank(state), `${state} became ${found.life.state}`);
      }
      let answers = 0;
      const note = ({ kid, life }: PublicKeyRecord): void => {
        known.set(kid, life.state);
        answers += 1;
        // While the next answers are on their way, at another step each time.
        if (answers === 9 + death) setTimeout(() => child.kill('SIGKILL'), death % 3);
      };
      await Promise.all([moveUntilGone(signer, note), moveUntilGone(signer, note)]);
      assert.equal((await exited).signal, 'SIGKILL');
    }
    assert.ok(known.size > 6 && [...known.values()].includes('revoked'));
  });
});

describe('a signer whose disk is full', () => {
  const limitFiles = (pid: number | undefined, bytes: string): void => {
    const { status } = spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`]);
    assert.equal(status, 0);
  };

  it('stops a key at once when it is revoked, says that this is not durable, and makes it so', async () => {
    const first = startSigner(home.folder, home.secret);
    const { kid } = await makeActive(first.signer, 'ES256');
    const other = await makeActive(first.signer, 'EdDSA');
    limitFiles(first.child.pid, '1');
    const full = { code: 'journal_full' };
    await assert.rejects(first.signer.changeKey(kid, 'revoked', { reason: 'stolen' }), full);
    await assert.rejects(first.signer.sign(kid, makeInput(kid, 1)), { code: 'key_revoked' });
    // A key that need not stop goes on as it was.
    await assert.rejects(first.signer.changeKey(other.kid, 'retiring'), full);
    await assert.rejects(first.signer.makeKey('EdDSA', makeScope()), full);
    limitFiles(first.child.pid, 'unlimited');
    // The next look at the keys writes it down, whether or not anybody asks again.
    const states = (keys: PublicKeyRecord[]) => keys.map(({ life }) => life.state).sort();
    assert.deepEqual(states(await first.signer.listKeys()), ['active', 'revoked']);
    first.child.kill('SIGKILL');
    await first.exited;
    const second = startSigner(home.folder, home.secret);
    const keys = await second.signer.listKeys();
    assert.deepEqual(states(keys), ['active', 'revoked']);
    assert.equal(keys.find((key) => key.kid === kid)?.life.reason, 'stolen');
    await assert.rejects(second.signer.sign(kid, makeInput(kid, 2)), { code: 'key_revoked' });
    await second.stop();
  });
});

describe('a signer that is caged', () => {
  it('does away with the private half of a key that is over, by itself, and knows the key after a kill', async () => {
    const first = startSigner(home.folder, home.secret);
    const { kid } = await makeActive(first.signer, 'ES256');
    const live = await makeActive(first.signer, 'ES256');
    await first.signer.changeKey(kid, 'revoked');
    const files = (): string[] => readdirSync(join(home.folder, 'keys'));
    assert.equal(files().length, 2);
    while (files().length > 1) {
      assert.equal(first.child.exitCode, null);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(files(), [`${live.kid}.json`]);
    first.child.kill('SIGKILL');
    await first.exited;
    const second = startSigner(home.folder, home.secret);
    await assert.rejects(second.signer.sign(kid, makeInput(kid, 1)), { code: 'key_revoked' });
    await second.signer.sign(live.kid, makeInput(live.kid, 2));
    const states = (await second.signer.listKeys()).map((key) => key.life.state);
    assert.deepEqual(states, ['revoked', 'active']);
    const [only] = await second.signer.listKeys(undefined, { endedAfterMs: Date.now() + 60_000 });
    assert.equal(only?.kid, live.kid);
    await second.stop();
  });
});

describe('a signer that was frozen and replaced', () => {
  it('changes no key any more, and what it tried is not there', async () => {
    const first = startSigner(home.folder, home.secret);
    const { kid } = await makeActive(first.signer, 'ES256');
    first.child.kill('SIGSTOP');
    const second = startSigner(home.folder, home.secret);
    await second.signer.ready();
    const late = first.signer.changeKey(kid, 'revoked');
    late.catch(() => undefined);
    first.child.kill('SIGCONT');
    await assert.rejects(late, { code: 'signer_unavailable' });
    assert.equal((await first.exited).code, 74);
    await second.signer.sign(kid, makeInput(kid, 1));
    await second.stop();
    const third = startSigner(home.folder, home.secret);
    assert.equal((await third.signer.listKeys())[0]?.life.state, 'active');
    await third.stop();
  });
});
