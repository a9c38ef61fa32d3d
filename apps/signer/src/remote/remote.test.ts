import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectRelay,
  createSignerClient,
  type PublicKeyRecord,
  type SignerClient,
} from '@countersign/keys';
import {
  CuttableWay,
  confinedPid,
  RemoteHome,
  type RunningRemote,
} from '../testing/remote-home.ts';
import { makeInput, makeScope } from '../testing/start-signer.ts';
import { readRemoteArguments } from './read-remote-arguments.ts';

const home = new RemoteHome();
const opened: { close(): void }[] = [];
const running: RunningRemote[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) one.close();
  for (const remote of running.splice(0)) await remote.stop();
});
after(() => home.delete());

async function start(port?: number): Promise<RunningRemote> {
  const remote = await home.start(port);
  running.push(remote);
  return remote;
}

function ask(port: number, who?: string): SignerClient {
  const client = createSignerClient(connectRelay({ peer: home.connect(port, who) }));
  opened.push(client);
  return client;
}

async function untilReady(signer: SignerClient): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    try {
      return await signer.ready();
    } catch (error) {
      if (turn > 1200) throw error;
      await sleep(25);
    }
  }
}

async function makeKey(signer: SignerClient): Promise<PublicKeyRecord> {
  const { kid } = await signer.makeKey('ES256', makeScope());
  await signer.changeKey(kid, 'published');
  return signer.changeKey(kid, 'active');
}

let marks = 0;
const newInput = ({ kid }: PublicKeyRecord): Uint8Array => {
  marks += 1;
  return makeInput(kid, marks);
};

function isSigned({ publicJwk }: PublicKeyRecord, input: Uint8Array, signature: Uint8Array) {
  const { kty, crv, x, y } = publicJwk as unknown as Record<string, string>;
  const key = createPublicKey({ key: { kty, crv, x, y } as JsonWebKey, format: 'jwk' });
  return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** How often the journal has each of these inputs. */
async function countInJournal(signer: SignerClient, inputs: Uint8Array[]): Promise<number[]> {
  const found = new Map<string, number>();
  for (let from = 1; ; ) {
    const { entries, lastNumber } = await signer.readJournal(from, 1000);
    for (const { signingInputHash } of entries)
      found.set(signingInputHash, (found.get(signingInputHash) ?? 0) + 1);
    from += entries.length;
    if (entries.length === 0 || from > lastNumber) break;
  }
  return inputs.map((input) => {
    const digest = createHash('sha256').update(input);
    const [hex, base64url] = [digest.copy().digest('hex'), digest.digest('base64url')];
    return found.get(hex) ?? found.get(base64url) ?? 0;
  });
}

describe('the signer on a host of its own', () => {
  it('signs for its issuer, many at once over one connection', async () => {
    const remote = await start();
    const signer = ask(remote.listen);
    await untilReady(signer);
    const key = await makeKey(signer);
    const inputs = Array.from({ length: 100 }, () => newInput(key));
    const answers = await Promise.all(inputs.map((input) => signer.sign(key.kid, input)));
    answers.forEach(({ signature, keyNumber }, at) => {
      assert.ok(isSigned(key, inputs[at] as Uint8Array, signature));
      assert.equal(keyNumber, at + 1);
    });
    const outside = makeScope({ tenant: '' });
    await assert.rejects(signer.makeKey('ES256', outside), { code: 'scope_malformed' });
    await assert.rejects(signer.sign('nobody', newInput(key)), { code: 'unknown_key' });
  });

  it('C-12 writes down by whose certificate a key was made or changed', async () => {
    const remote = await start();
    const signer = ask(remote.listen);
    await untilReady(signer);
    const { kid } = await makeKey(signer);
    const { entries } = await signer.readAccess(0, 1000);
    const ours = entries.filter((entry) => entry.what === 'make' || entry.kid === kid);
    assert.deepEqual(
      ours.slice(-3).map(({ what, caller }) => `${what} ${caller}`),
      ['make', 'change', 'change'].map((what) => `${what} certificate ${home.fingerprint}`),
    );
  });

  it('answers every request, and numbers each once, while its connection is cut again and again', async () => {
    const remote = await start();
    const way = new CuttableWay(remote.listen);
    opened.push(way);
    const signer = ask(await way.open());
    await untilReady(signer);
    const key = await makeKey(signer);
    const inputs: Uint8Array[] = [];
    const work = async (): Promise<void> => {
      for (let turn = 0; turn < 25; turn += 1) {
        const input = newInput(key);
        inputs.push(input);
        const { signature } = await signer.sign(key.kid, input);
        assert.ok(isSigned(key, input, signature));
        answered += 1;
      }
    };
    let answered = 0;
    let over = false;
    const cutter = (async () => {
      while (!over) {
        const before = answered;
        await sleep(7);
        way.cut();
        await sleep(60);
        // A busy machine may need longer than that for a handshake, and is given it.
        while (!over && answered === before) await sleep(20);
      }
    })();
    try {
      await Promise.all(Array.from({ length: 12 }, work));
    } finally {
      over = true;
      await cutter;
    }
    await untilReady(signer);
    assert.deepEqual(
      await countInJournal(signer, inputs),
      inputs.map(() => 1),
    );
  });

  it('outlives its confined signer, and signs nothing twice for it', async () => {
    const remote = await start();
    const signer = ask(remote.listen);
    await untilReady(signer);
    const key = await makeKey(signer);
    const inputs = Array.from({ length: 200 }, () => newInput(key));
    const answers = inputs.map((input) => signer.sign(key.kid, input));
    const settled = Promise.allSettled(answers);
    process.kill(confinedPid(remote), 'SIGKILL');
    for (const outcome of await settled) {
      if (outcome.status === 'rejected')
        assert.equal(outcome.reason.code, 'signer_unavailable', String(outcome.reason));
    }
    await untilReady(signer);
    const counted = await countInJournal(signer, inputs);
    assert.ok(counted.every((times) => times <= 1));
    (await settled).forEach((outcome, at) => {
      if (outcome.status === 'fulfilled') assert.equal(counted[at], 1);
    });
    const { keyNumber } = await signer.sign(key.kid, newInput(key));
    assert.equal(keyNumber, counted.filter((times) => times === 1).length + 1);
  });

  it('comes back at its address with its keys, and its issuer goes on', async () => {
    const first = await start();
    const signer = ask(first.listen);
    await untilReady(signer);
    const key = await makeKey(signer);
    await signer.sign(key.kid, newInput(key));
    await first.stop();
    await assert.rejects(signer.ready(), { code: 'signer_unavailable' });
    await start(first.listen);
    // Sent before anybody knows that the door is another one: it waits, and is signed once.
    const { keyNumber } = await signer.sign(key.kid, newInput(key));
    assert.equal(keyNumber, 2);
  });

  it('answers nobody who is not on its list', async () => {
    const remote = await start();
    const friend = ask(remote.listen);
    await untilReady(friend);
    const key = await makeKey(friend);
    const stranger = home.connect(remote.listen, 'stranger');
    opened.push(stranger);
    for (let turn = 0; turn < 5; turn += 1) {
      await assert.rejects(stranger.request(5, Buffer.from('{}')), { code: 'peer_gone' });
      await sleep(20);
    }
    const thief = ask(remote.listen, 'stranger');
    const before = await friend.status();
    await assert.rejects(thief.sign(key.kid, newInput(key)), { code: 'signer_unavailable' });
    assert.deepEqual(await friend.status(), before);
    assert.match(remote.lines.join('\n'), /turned away: the certificate [0-9a-f]{64} is not/);
  });

  it('signs nothing that has no number of its own', async () => {
    const remote = await start();
    const signer = ask(remote.listen);
    await untilReady(signer);
    const key = await makeKey(signer);
    const peer = home.connect(remote.listen);
    opened.push(peer);
    while (!peer.connected) await sleep(5);
    const name = Buffer.from(key.kid);
    const body = Buffer.concat([Buffer.of(name.length), name, newInput(key)]);
    await assert.rejects(peer.request(1, body), { code: 'request_malformed' });
    assert.equal(
      (await signer.listKeys()).find(({ kid }) => kid === key.kid)?.counts.journalled,
      0,
    );
  });

  it('does not start with a passphrase that does not open its keys, and says so', async () => {
    await (await start()).stop();
    const broken = new RemoteHome();
    try {
      writeFileSync(broken.secret, 'short\n');
      await assert.rejects(broken.start(), /does not start: passphrase_missing/);
    } finally {
      broken.delete();
    }
  });
});

describe('its command line', () => {
  const args = [
    ...['--folder', '/keys', '--passphrase-file', '/p', '--tls', '/t'],
    ...['--listen', '0.0.0.0:4800', '--allow', 'ab'.repeat(32)],
  ];

  it('says where to listen and whom to answer', () => {
    const read = readRemoteArguments(args);
    assert.deepEqual(read.listen, { host: '0.0.0.0', port: 4800 });
    assert.deepEqual(read.standIns, []);
    assert.deepEqual(read.passphrase, { file: '/p' });
    assert.deepEqual(read.custody, { default: 'software' });
    const token = ['--pkcs11-module', '/m.so', '--pkcs11-token', 'ours', '--pin-credential', 'pin'];
    assert.deepEqual(readRemoteArguments([...args, '--custody', 'pkcs11', ...token]).custody, {
      default: 'pkcs11',
      pkcs11: { module: '/m.so', tokenLabel: 'ours', pin: { credential: 'pin' } },
    });
    const cloud = ['--kms-region', 'eu-central-1', '--kms-credentials-fd', '7'];
    assert.deepEqual(readRemoteArguments([...args, ...cloud]).custody, {
      default: 'software',
      awsKms: { region: 'eu-central-1', credentials: { fd: 7 } },
    });
    const both = ['--receipt-key', 'a+1+x', '--receipt-key', 'b+2+y'];
    assert.deepEqual(readRemoteArguments([...args, ...both]).standIns, ['a+1+x', 'b+2+y']);
  });

  it('is refused when anything is missing, wrong or unknown', () => {
    for (let at = 0; at < args.length; at += 2)
      assert.throws(() => readRemoteArguments(args.toSpliced(at, 2)), / needed/);
    const cloud = ['--kms-region', 'eu-central-1', '--kms-credentials-fd', '7'];
    for (const [wrong, message] of [
      [['--passphrase-fd', '3'], /Exactly one of --passphrase-file/],
      [['--custody', 'paper'], /--custody is/],
      [['--custody', 'pkcs11'], /needs --pkcs11-module/],
      [['--pkcs11-module', '/m.so', '--pin-file', '/pin'], /needs --pkcs11-token/],
      [['--pkcs11-module', '/m.so', '--pkcs11-token', 't'], /Exactly one of --pin-file/],
      [['--kms-region', 'eu-central-1', '--kms-credentials-fd', '1'], /inherited descriptor/],
      [['--kms-region', 'Frankfurt', '--kms-credentials-fd', '7'], /--kms-region: give a region/],
      [[...cloud, '--kms-endpoint', 'http://kms.example'], /plain http is for loopback only/],
      [[...cloud, '--kms-endpoint', 'https://a:b@kms.example'], /give no name or password/],
      [['--longest-key-life-seconds', 'a year'], /number of seconds/],
    ] as const) {
      assert.throws(() => readRemoteArguments([...args, ...wrong]), { message });
    }
    for (const wrong of ['4800', 'host', 'host:99999', 'host:x', '::1:80', ' :1'])
      assert.throws(() => readRemoteArguments([...args, '--listen', wrong]), /HOST:PORT/);
    assert.throws(() => readRemoteArguments([...args, '--receipt-key', 'a+1+x']), /two logs/);
    assert.throws(() => readRemoteArguments([...args, '--passphrase', 'p']));
  });

  it('explains itself', () => {
    const script = join(import.meta.dirname, '../remote.ts');
    const { status, stdout } = spawnSync(process.execPath, [script, '--help'], {
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    assert.match(stdout, /--passphrase-file/);
  });
});
