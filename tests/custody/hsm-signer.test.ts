import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type CustodySettings,
  openKeyFile,
  type PublicKeyRecord,
  planCustodyLaunch,
  type SignerClient,
} from '@countersign/keys';
import {
  MAIN,
  makeInput,
  makeScope,
  NODE_MODULES,
  newHome,
  PASSPHRASE,
  type StartedSigner,
  startSigner,
} from '../../apps/signer/src/testing/start-signer.ts';
import {
  noSoftHsm,
  PIN,
  type SoftHsm,
  startSoftHsm,
  TOKEN_LABEL,
} from '../../packages/keys/src/testing/softhsm.ts';

let home: ReturnType<typeof newHome>;
let hsm: SoftHsm;
const skip = noSoftHsm;

beforeEach(() => {
  home = newHome();
  if (skip === false) hsm = startSoftHsm();
});
afterEach(() => {
  home.remove();
  if (skip === false) hsm.remove();
});

type Pkcs11 = NonNullable<CustodySettings['pkcs11']>;

function start(changes: Partial<Pkcs11> = {}, pin = PIN): StartedSigner {
  const file = join(dirname(home.folder), 'pin');
  writeFileSync(file, `${pin}\n`, { mode: 0o600 });
  const pkcs11 = {
    module: hsm.module,
    tokenLabel: TOKEN_LABEL,
    pin: { file },
    softhsmConf: hsm.conf,
    ...changes,
  };
  const launch = planCustodyLaunch(NODE_MODULES, { default: 'software', pkcs11 });
  return startSigner(home.folder, home.secret, MAIN, launch);
}

async function makeActive(
  signer: SignerClient,
  custody: 'software' | 'pkcs11',
): Promise<PublicKeyRecord> {
  const { kid } = await signer.makeKey('ES256', makeScope(), { custody });
  await signer.changeKey(kid, 'published');
  return signer.changeKey(kid, 'active');
}

async function signAndVerify(signer: SignerClient, key: PublicKeyRecord, mark: number) {
  const input = makeInput(key.kid, mark);
  const { signature, journalNumber } = await signer.sign(key.kid, input);
  const publicKey = createPublicKey({ key: key.publicJwk as JsonWebKey, format: 'jwk' });
  assert.ok(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature));
  return journalNumber;
}

async function refusal(started: StartedSigner): Promise<{ code: number | null; said: string }> {
  const { code } = await started.exited;
  return { code, said: started.log.join('\n') };
}

const numberOf = async ({ signer }: StartedSigner): Promise<number> =>
  (await signer.status()).lastNumber;

describe('a confined signer with a token (SoftHSM)', { skip }, () => {
  it('makes a key there, signs with many at once, and finds it again after a start', async () => {
    const first = start();
    const key = await makeActive(first.signer, 'pkcs11');
    assert.equal(key.custody, 'pkcs11');
    const marks = Array.from({ length: 50 }, (_, n) => n);
    const numbers = await Promise.all(marks.map((mark) => signAndVerify(first.signer, key, mark)));
    assert.deepEqual(new Set(numbers).size, 50);
    for (const what of ['cmdline', 'environ']) {
      const text = readFileSync(`/proc/${first.child.pid}/${what}`, 'utf8');
      assert.ok(!text.includes(PIN) && !text.includes(PASSPHRASE), what);
    }
    const threads = readdirSync(`/proc/${first.child.pid}/task`).length;
    assert.ok(threads > 16, `${threads} threads: a session for each was meant to sign at once`);
    const [{ counts } = assert.fail()] = await first.signer.listKeys();
    assert.deepEqual([counts.journalled, counts.made], [50, 50]);
    await first.stop();

    const second = start();
    assert.equal(await signAndVerify(second.signer, key, 99), 51);
    await second.stop();
    assert.deepEqual([...first.log, ...second.log], []);
  });

  it('C-09 has no private byte in its folder: key file, fingerprints, and what it prints', async () => {
    const { signer, stop } = start();
    const { kid } = await makeActive(signer, 'pkcs11');
    await stop();
    const file = readFileSync(join(home.folder, 'keys', `${kid}.json`));
    assert.throws(() => openKeyFile(file, PASSPHRASE), { code: 'key_elsewhere' });
    const fingerprints = readFileSync(join(home.folder, 'fingerprints.json'), 'utf8');
    assert.ok(!fingerprints.includes(kid));
  });

  it('moves an issuer to the token while both keys sign, then retires the old one', async () => {
    const started = start();
    const { signer } = started;
    const old = await makeActive(signer, 'software');
    await signAndVerify(signer, old, 1);
    const { kid } = await signer.makeKey('ES256', makeScope(), { custody: 'pkcs11' });
    await signAndVerify(signer, old, 2);
    await signer.changeKey(kid, 'published');
    await signAndVerify(signer, old, 3);
    const next = await signer.changeKey(kid, 'active');
    await Promise.all([signAndVerify(signer, old, 4), signAndVerify(signer, next, 5)]);
    await signer.changeKey(old.kid, 'retiring');
    await signAndVerify(signer, next, 6);
    await signer.changeKey(old.kid, 'retired');
    const keys = await signer.listKeys();
    assert.deepEqual(
      keys.map(({ custody, life }) => `${custody} ${life.state}`),
      ['software retired', 'pkcs11 active'],
    );
    assert.equal(await numberOf(started), 6);
    await started.stop();
  });

  it('refuses for now while the token is gone, spends no number, signs software keys on, and recovers', async () => {
    const started = start();
    const { signer } = started;
    const soft = await makeActive(signer, 'software');
    const hard = await makeActive(signer, 'pkcs11');
    await signAndVerify(signer, hard, 1);
    renameSync(hsm.tokens, `${hsm.tokens}.out`);
    mkdirSync(hsm.tokens);
    const away = { code: 'signer_unavailable', retryAfterSeconds: 5 };
    const inFlight = [2, 3, 4].map((mark) => signer.sign(hard.kid, makeInput(hard.kid, mark)));
    for (const result of await Promise.allSettled(inFlight))
      assert.equal(result.status, 'rejected');
    const spent = await numberOf(started);
    await assert.rejects(signer.sign(hard.kid, makeInput(hard.kid, 5)), away);
    assert.equal(await numberOf(started), spent);
    assert.equal(await signAndVerify(signer, soft, 6), spent + 1);
    rmSync(hsm.tokens, { recursive: true });
    renameSync(`${hsm.tokens}.out`, hsm.tokens);
    for (let number = 0; number === 0; ) {
      number = await signAndVerify(signer, hard, 7).catch((error) => {
        assert.equal(error.code, 'signer_unavailable');
        return new Promise<number>((resolve) => setTimeout(resolve, 100, 0));
      });
    }
    assert.equal(await numberOf(started), spent + 2);
    await started.stop();
  });
});

describe('a signer that was given a token it cannot use (SoftHSM)', { skip }, () => {
  it('does not start with a wrong PIN, asks it once over all its starts, and takes the right one then', async () => {
    const first = await refusal(start({}, '0000'));
    assert.equal(first.code, 78);
    assert.match(first.said, /^pin_wrong: .*refused the PIN \(CKR_PIN_INCORRECT\)/m);
    assert.ok(!first.said.includes('0000'));
    const again = await refusal(start({}, '0000'));
    assert.match(again.said, /^pin_wrong: .*refused this PIN before/m);
    const right = start();
    await right.signer.ready();
    await right.stop();
  });

  it('does not start, and says what to do, without token, module, PIN, or SoftHSM its configuration', async () => {
    const empty = join(dirname(home.folder), 'empty');
    writeFileSync(empty, '');
    const cases: [Partial<Pkcs11>, RegExp][] = [
      [{ tokenLabel: 'none' }, /custody_unreachable: There is no token "none"/],
      [{ module: '/nowhere.so' }, /custody_not_installed: .*custody\.pkcs11\.module/],
      [{ pin: { file: empty } }, /pin_missing: /],
      [{ softhsmConf: '/nowhere.conf' }, /custody_unreachable: .*softhsmConf/],
    ];
    for (const [changes, said] of cases) {
      const { code, said: words } = await refusal(start(changes));
      assert.equal(code, 78);
      assert.match(words, said);
    }
  });

  it('does not start when a key is not in the token, and makes none in its place', async () => {
    const first = start();
    await makeActive(first.signer, 'pkcs11');
    await first.stop();
    const before = readdirSync(join(home.folder, 'keys'));
    hsm.remove();
    hsm = startSoftHsm();
    const { code, said } = await refusal(start());
    assert.equal(code, 78);
    assert.match(said, /custody_unreachable: The key .* is in the token/);
    assert.deepEqual(readdirSync(join(home.folder, 'keys')), before);
  });

  it('does not start with its key there and its custody not set up', async () => {
    const first = start();
    await makeActive(first.signer, 'pkcs11');
    await first.stop();
    const { code, said } = await refusal(startSigner(home.folder, home.secret));
    assert.equal(code, 78);
    assert.match(said, /custody_not_set_up: .*custody\.pkcs11 in countersign\.yaml/);
  });
});

describe('the cage of a signer with a token', () => {
  const launch = planCustodyLaunch(NODE_MODULES);
  const token = JSON.stringify({
    pkcs11: { module: '/m.so', tokenLabel: 'x', pinFd: 4 },
  });
  const leaves = async (changes: Partial<typeof launch>) =>
    refusal(startSigner(home.folder, home.secret, MAIN, { ...launch, ...changes }));

  it('is open for addons only when a token is asked for, and then must be', async () => {
    assert.match((await leaves({ opens: { addons: true } })).said, /allows addon/);
    const asked = { args: () => ['--custody', token] };
    assert.match((await leaves(asked)).said, /custody needs addon/);
    assert.match((await leaves({ ...asked, opens: { addons: true, network: true } })).said, /net/);
  });

  it('has no variable but that of SoftHSM, and that only with a token', async () => {
    const { said } = await leaves({ environment: { SOFTHSM2_CONF: '/etc/softhsm2.conf' } });
    assert.match(said, /the environment sets SOFTHSM2_CONF/);
  });
});
