import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { PublicKeyRecord, SignAnswer, SignerClient } from '@countersign/keys';
import { type CodedError, isCodedError } from '@countersign/vocabulary';
import { makeActive } from './testing/make-active.ts';
import { makeInput, newHome, startSigner } from './testing/start-signer.ts';

let home: ReturnType<typeof newHome>;
beforeEach(() => {
  home = newHome();
});
afterEach(() => home.remove());

interface Released extends SignAnswer {
  input: Uint8Array;
}

/** Keeps `width` requests in flight until the signer is gone; tells of each that it released. */
async function signUntilGone(
  signer: SignerClient,
  kid: string,
  width: number,
  released: (answer: Released) => void,
): Promise<void> {
  let mark = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      mark += 1;
      const input = makeInput(kid, mark);
      try {
        released({ ...(await signer.sign(kid, input)), input });
      } catch (error) {
        assert.equal((error as CodedError).code, 'signer_unavailable');
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function journalHashes(signer: SignerClient): Promise<string[]> {
  const hashes: string[] = [];
  for (;;) {
    const { entries, lastNumber } = await signer.readJournal(hashes.length + 1, 1000);
    for (const { number, keyNumber, signingInputHash } of entries) {
      assert.deepEqual([number, keyNumber], [hashes.length + 1, hashes.length + 1]);
      hashes.push(signingInputHash);
    }
    if (hashes.length === lastNumber) return hashes;
  }
}

const sha256 = (input: Uint8Array): string => createHash('sha256').update(input).digest('hex');

describe('a signer that is killed', () => {
  it('has journalled every signature it released, over many deaths, without a gap', async () => {
    const released: Released[] = [];
    let key: PublicKeyRecord | undefined;
    for (let death = 0; death < 4; death += 1) {
      const { signer, child, exited } = startSigner(home.folder, home.secret);
      key ??= await makeActive(signer, 'ES256');
      const last = released.length + 70 + death * 57;
      await signUntilGone(signer, key.kid, 32, (answer) => {
        if (released.push(answer) === last) child.kill('SIGKILL');
      });
      assert.equal((await exited).signal, 'SIGKILL');
    }
    assert.ok(released.length > 200);
    const { signer, stop } = startSigner(home.folder, home.secret);
    const hashes = await journalHashes(signer);
    assert.equal((await signer.listKeys()).length, 1);
    await stop();
    const publicKey = createPublicKey({ key: key?.publicJwk as object, format: 'jwk' });
    const numbers = new Set(released.map(({ journalNumber }) => journalNumber));
    assert.equal(numbers.size, released.length, 'a number was given twice');
    for (const { input, signature, journalNumber } of released) {
      assert.equal(hashes[journalNumber - 1], sha256(input));
      assert.ok(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature));
    }
  });
});

describe('a signer whose disk is full', () => {
  const limitFiles = (pid: number | undefined, bytes: string): void => {
    const { status } = spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`]);
    assert.equal(status, 0);
  };

  it('refuses for now, stays up, loses nothing, and goes on by itself', async () => {
    const { signer, child, stop } = startSigner(home.folder, home.secret);
    const { kid } = await makeActive(signer, 'ES256');
    const first = await signer.sign(kid, makeInput(kid, 1));
    assert.equal(first.journalNumber, 1);
    limitFiles(child.pid, '262400');
    // Fills what is reserved, then meets the limit.
    const refusals: unknown[] = [];
    let signed = 1;
    for (let turn = 0; turn < 12 && refusals.length === 0; turn += 1) {
      const inputs = Array.from({ length: 500 }, (_, mark) => makeInput(kid, mark));
      const outcomes = await Promise.allSettled(inputs.map((input) => signer.sign(kid, input)));
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') signed += 1;
        else refusals.push(outcome.reason);
      }
    }
    assert.ok(refusals.length > 0);
    for (const error of refusals) {
      assert.ok(isCodedError(error) && error.code === 'journal_full');
      assert.equal(error.retryAfterSeconds, 5);
    }
    limitFiles(child.pid, '1');
    await assert.rejects(makeActive(signer, 'EdDSA'), { code: 'journal_full' });
    limitFiles(child.pid, 'unlimited');
    const { journalNumber } = await signer.sign(kid, makeInput(kid, 9999));
    assert.equal(journalNumber, signed + 1);
    await makeActive(signer, 'EdDSA');
    assert.equal((await journalHashes(signer)).length, signed + 1);
    await stop();
  });
});

describe('two signers on one folder', () => {
  it('do not run at once: the second is refused, and takes over when the first is dead', async () => {
    const first = startSigner(home.folder, home.secret);
    await first.signer.ready();
    const second = startSigner(home.folder, home.secret);
    assert.equal((await second.exited).code, 78);
    assert.match(second.log.join('\n'), /^folder_locked: /);
    await first.signer.ready();
    first.child.kill('SIGKILL');
    await first.exited;
    const third = startSigner(home.folder, home.secret);
    await third.signer.ready();
    await third.stop();
  });

  it('cannot both release: the one that was held up stops at its next signature', async () => {
    const first = startSigner(home.folder, home.secret);
    const { kid } = await makeActive(first.signer, 'ES256');
    await first.signer.sign(kid, makeInput(kid, 1));
    first.child.kill('SIGSTOP');
    const second = startSigner(home.folder, home.secret);
    const taken = await second.signer.sign(kid, makeInput(kid, 2));
    assert.equal(taken.journalNumber, 2);
    first.child.kill('SIGCONT');
    await assert.rejects(first.signer.sign(kid, makeInput(kid, 3)), { code: 'signer_unavailable' });
    assert.equal((await first.exited).code, 74);
    assert.match(first.log.join('\n'), /^folder_locked: /);
    assert.equal((await second.signer.sign(kid, makeInput(kid, 4))).journalNumber, 3);
    assert.equal((await journalHashes(second.signer)).length, 3);
    await second.stop();
  });
});
