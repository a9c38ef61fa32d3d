import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import { LIVE_KEYS_PER_ISSUER_LIMIT } from '../custody/key-ring.ts';
import type { PublicKeyRecord } from '../life/public-key-record.ts';
import { makeActive } from '../testing/signer-world.ts';
import {
  FAST_KDF,
  makeInput,
  makeLog,
  makePayload,
  makeScope,
  NOW_MS,
  NOW_SECONDS,
} from '../testing/token-fixture.ts';
import { writeOldKey } from '../testing/write-old-key.ts';
import { Signer, type SignRequest } from './signer.ts';

const passphrase = Buffer.from('correct horse battery staple');
let folder = '';
let clock = new ManualClock(NOW_MS);
let open: Signer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-signer-'));
  clock = new ManualClock(NOW_MS);
  open = [];
});
afterEach(() => {
  for (const signer of open) signer.close();
  rmSync(folder, { recursive: true });
});
const start = async (
  secret: Uint8Array = passphrase,
  standIns: readonly string[] = [],
): Promise<Signer> => {
  const signer = await Signer.open({
    folder,
    passphrase: secret,
    clock,
    kdf: FAST_KDF,
    claimWaitMs: 0,
    standIns,
  });
  open.push(signer);
  return signer;
};
const stop = (signer: Signer): void => {
  signer.close();
  open = open.filter((other) => other !== signer);
};
const restart = (signer: Signer): Promise<Signer> => {
  stop(signer);
  return start();
};
const request = ({ kid, alg }: PublicKeyRecord, changes = {}): SignRequest => ({
  kid,
  input: makeInput({ alg, kid, typ: 'at+jwt' }, makePayload(changes)),
});
const keyPath = ({ kid }: PublicKeyRecord): string => join(folder, 'keys', `${kid}.json`);
const refusedWith = (outcome: unknown): unknown =>
  (outcome as { refused?: { code?: string } }).refused?.code;

describe('the signer', () => {
  it('signs with each algorithm so that anyone can verify, and journals what it signed', async () => {
    const signer = await start();
    for (const [index, alg] of (['ES256', 'EdDSA', 'RS256'] as const).entries()) {
      const key = await makeActive(signer, makeScope(), alg);
      const asked = request(key);
      const [outcome] = signer.signBatch([asked]);
      assert.ok(outcome !== undefined && 'signature' in outcome);
      const publicKey = createPublicKey({ key: key.publicJwk, format: 'jwk' });
      const input = Buffer.from(asked.input);
      const how = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
      const digest = alg === 'EdDSA' ? null : 'sha256';
      assert.ok(verify(digest, input, how, await outcome.signature));
      assert.deepEqual(outcome.place, { number: index + 1, keyNumber: 1 });
      assert.deepEqual(signer.readJournal(index + 1, 1).entries, [
        {
          number: index + 1,
          keyNumber: 1,
          kid: key.kid,
          timeMs: NOW_MS,
          signingInputHash: createHash('sha256').update(input).digest('hex'),
        },
      ]);
    }
  });

  it('refuses what is out of scope inside a batch, signs the rest, and numbers only that', async () => {
    const signer = await start();
    const key = await makeActive(signer, makeScope(), 'ES256');
    const outcomes = signer.signBatch([
      request(key, { tenant: 'globex' }),
      request(key),
      { ...request(key), kid: 'x'.repeat(43) },
      request(key, { sub: 'bob' }),
      { kid: key.kid, input: new Uint8Array(17_000) },
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => ('place' in outcome ? outcome.place.number : refusedWith(outcome))),
      ['tenant_out_of_scope', 1, 'unknown_key', 2, 'too_large'],
    );
    const { lastNumber, refusals } = signer.status();
    assert.equal(lastNumber, 2);
    assert.deepEqual(refusals, { tenant_out_of_scope: 1, unknown_key: 1, too_large: 1 });
  });

  it('keeps keys and numbers over a restart', async () => {
    const signer = await start();
    const key = await makeActive(signer, makeScope(), 'ES256');
    signer.signBatch([request(key), request(key)]);
    const again = await restart(signer);
    const counted = { ...key, counts: { journalled: 2, sinceStart: 0, made: 0, failed: 0 } };
    assert.deepEqual(again.listKeys(), [counted]);
    const [outcome] = again.signBatch([request(key)]);
    assert.deepEqual((outcome as { place: unknown }).place, { number: 3, keyNumber: 3 });
  });

  it('signs nothing with a key of a bound issuer that the log has not seen', async () => {
    const log = makeLog();
    const signer = await start();
    const scope = makeScope({ requireReceiptFrom: log.vkey });
    const key = await makeActive(signer, scope, 'EdDSA');
    const payload = makePayload();
    const header = { alg: key.alg, kid: key.kid, typ: 'at+jwt' };
    const itr = log.receipt({ ...header, alg: key.alg, payload });
    const outcomes = signer.signBatch([
      { kid: key.kid, input: makeInput({ ...header, itr }, payload) },
      { kid: key.kid, input: makeInput(header, payload) },
      { kid: key.kid, input: makeInput({ ...header, itr }, makePayload({ sub: 'eve' })) },
    ]);
    assert.deepEqual(outcomes.map(refusedWith), [undefined, 'receipt_missing', 'receipt_invalid']);
  });

  it('takes the receipt of a log that stands in for its own, when it was started so', async () => {
    const [own, other, stranger] = [makeLog(), makeLog('b/log'), makeLog('c/log')];
    const sign = async (signer: Signer) => {
      const key = await makeActive(signer, makeScope({ requireReceiptFrom: own.vkey }), 'EdDSA');
      const payload = makePayload();
      const header = { alg: key.alg, kid: key.kid, typ: 'at+jwt' };
      const requests = [own, other, stranger].map((log) => {
        const itr = log.receipt({ ...header, alg: key.alg, payload });
        return { kid: key.kid, input: makeInput({ ...header, itr }, payload) };
      });
      return signer.signBatch(requests).map(refusedWith);
    };
    const bound = await start();
    assert.deepEqual(await sign(bound), [undefined, 'receipt_invalid', 'receipt_invalid']);
    stop(bound);
    const both = await start(passphrase, [own.vkey, other.vkey]);
    assert.deepEqual(await sign(both), [undefined, undefined, 'receipt_invalid']);
    stop(both);
    const unrelated = await start(passphrase, [other.vkey, stranger.vkey]);
    assert.deepEqual(await sign(unrelated), [undefined, 'receipt_invalid', 'receipt_invalid']);
  });

  it('is alone in its folder', async () => {
    await start();
    await assert.rejects(start(), { code: 'folder_locked' });
  });

  it('stops signing with a key on its last day and forgets the private half', async () => {
    const signer = await start();
    const key = await makeActive(signer, makeScope(), 'ES256');
    clock.advanceMs((key.scope.notAfterSeconds - NOW_SECONDS) * 1000);
    const late = request(key, {
      iat: key.scope.notAfterSeconds,
      exp: key.scope.notAfterSeconds + 60,
    });
    assert.equal(refusedWith(signer.signBatch([late])[0]), 'key_expired');
    // Even when the clock goes back: the key has retired, and its private half is gone.
    clock.advanceMs(-86_400_000 * 30);
    assert.equal(refusedWith(signer.signBatch([request(key)])[0]), 'key_retired');
    assert.equal(signer.listKeys().length, 1);
  });
});

describe('a key that is asked for', () => {
  it('is a new one each time, for its user alone, however many ask at once', async () => {
    const signer = await start();
    const asked = await Promise.all(
      Array.from({ length: 8 }, () => signer.makeKey('ES256', makeScope())),
    );
    assert.equal(new Set(asked.map(({ kid }) => kid)).size, 8);
    for (const key of asked) assert.equal(statSync(keyPath(key)).mode & 0o777, 0o600);
  });

  it('is not made after its last day', async () => {
    const signer = await start();
    clock.advanceMs(31 * 86_400_000);
    await assert.rejects(signer.makeKey('ES256', makeScope()), { code: 'key_expired' });
  });

  it('is not made for another realm of the same issuer, nor without its log', async () => {
    const signer = await start();
    await makeActive(signer, makeScope({ requireReceiptFrom: makeLog().vkey }), 'ES256');
    for (const scope of [makeScope({ tenant: 'globex' }), makeScope()]) {
      await assert.rejects(makeActive(signer, scope, 'EdDSA'), { code: 'scope_conflict' });
    }
    assert.deepEqual(signer.status().refusals, { scope_conflict: 2 });
  });

  it('is not made before its first second', async () => {
    const signer = await start();
    const scope = makeScope({ notBeforeSeconds: NOW_SECONDS + 60 });
    await assert.rejects(makeActive(signer, scope, 'ES256'), { code: 'key_not_yet_valid' });
  });

  it('is not made when the issuer has as many as allowed that may sign', async () => {
    const signer = await start();
    const make = () => signer.makeKey('EdDSA', makeScope());
    const first = await make();
    for (let n = 2; n <= LIVE_KEYS_PER_ISSUER_LIMIT; n += 1) await make();
    await assert.rejects(make(), { code: 'key_limit' });
    await signer.makeKey('EdDSA', makeScope({ issuer: 'https://id.example/acme/customer' }));
    signer.changeKey(first.kid, 'revoked');
    await make();
  });
});

describe('a key folder that is not as it was left', () => {
  let key: PublicKeyRecord;
  let before = new Map<string, string>();
  // But for the claim, which is the start itself.
  const contents = (): Map<string, string> =>
    new Map(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'owner')
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path, readFileSync(path, 'latin1')]),
    );
  const refusesToStart = async (code: string, secret?: Uint8Array): Promise<void> => {
    before = contents();
    await assert.rejects(start(secret), { code });
    assert.deepEqual(contents(), before, 'a refused start changed the folder');
  };
  beforeEach(async () => {
    const signer = await start();
    key = await makeActive(signer, makeScope(), 'ES256');
    signer.signBatch([request(key)]);
    signer.close();
    open = [];
  });

  it('stays shut for a wrong passphrase, also before any key exists', async () => {
    await refusesToStart('passphrase_wrong', Buffer.from('wrong horse battery staple'));
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    (await start()).close();
    open = [];
    await refusesToStart('passphrase_wrong', Buffer.from('wrong horse battery staple'));
  });

  it('stays shut when a key file is damaged, cut or of another key', async () => {
    const text = readFileSync(keyPath(key), 'utf8');
    writeFileSync(keyPath(key), text.slice(0, 200));
    await refusesToStart('key_file_corrupt');
    writeFileSync(keyPath(key), text.replace('"acme"', '"acne"'));
    await refusesToStart('passphrase_wrong');
    writeFileSync(keyPath(key), text);
    writeFileSync(join(folder, 'keys', `${'A'.repeat(43)}.json`), text);
    await refusesToStart('key_folder_foreign_file');
  });

  it('stays shut when a key that has signed is missing', async () => {
    renameSync(keyPath(key), join(folder, 'elsewhere.json'));
    await refusesToStart('key_file_missing');
  });

  it('stays shut when its custody file is missing or damaged', async () => {
    const path = join(folder, 'custody.json');
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    await refusesToStart('custody_missing');
    writeFileSync(path, '{}');
    await refusesToStart('custody_corrupt');
    writeFileSync(path, text.replace('"passes": 2', '"passes": 3'));
    await refusesToStart('passphrase_wrong');
    writeFileSync(path, text);
    await start();
  });

  it('stays shut when there is a file nobody put there', async () => {
    writeFileSync(join(folder, 'keys', 'notes.txt'), 'hello');
    await refusesToStart('key_folder_foreign_file');
  });

  it('stays shut when its journal is damaged or missing', async () => {
    const path = join(folder, 'journal', '0000000000000001-00000001.journal');
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([Buffer.alloc(1), bytes.subarray(1)]));
    await refusesToStart('journal_corrupt');
    rmSync(path);
    await refusesToStart('journal_corrupt');
    writeFileSync(path, bytes);
    await start();
  });

  it('forgets a key file that a crash left half-named, and opens a restored one', async () => {
    writeFileSync(join(folder, 'keys', `${'B'.repeat(43)}.json.tmp`), 'half');
    const signer = await start();
    assert.deepEqual(
      signer.listKeys().map(({ kid }) => kid),
      [key.kid],
    );
    assert.equal(readdirSync(join(folder, 'keys')).length, 1);
  });

  it('opens a key file that was sealed under another salt with the same passphrase', async () => {
    const kid = await writeOldKey(folder, passphrase, { salt: 'b3RoZXJvdGhlcm90aGVyMQ' });
    const signer = await start();
    assert.equal(signer.listKeys().length, 2);
    const moved = signer.listKeys().find((other) => other.kid === kid) as PublicKeyRecord;
    assert.ok('place' in (signer.signBatch([request(moved)])[0] as object));
  });
});
