import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { connect } from 'node:tls';
import type { PipeClient } from '../pipe-client.ts';
import type { PipeRequest } from '../serve-pipe.ts';
import { type ConnectTlsOptions, connectTls, type TlsPeer } from './connect-tls.ts';
import { type ServeTlsOptions, serveTls, type TlsDoor } from './serve-tls.ts';
import { certificateFingerprint, readTlsIdentity, type TlsIdentity } from './tls-identity.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-tls-'));
const script = join(import.meta.dirname, '../../../../apps/notary/bin/make-certificates.sh');
for (const authority of ['ours', 'theirs']) {
  execFileSync(script, [join(folder, authority), 'localhost', 'issuer', 'stranger']);
}
const identity = (who: string): TlsIdentity =>
  readTlsIdentity({
    certificate: join(folder, who, 'certificate.pem'),
    key: join(folder, who, 'key.pem'),
    authority: join(folder, who, 'authority.pem'),
  });
const server = identity('ours/server');
const issuer = identity('ours/issuer');
const allow = [certificateFingerprint(issuer.certificate)];
const ECHO = 1;
const SILENCE = 2;

const doors: TlsDoor[] = [];
const peers: PipeClient[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  for (const door of doors.splice(0)) await door.close();
});
after(() => rmSync(folder, { recursive: true }));

async function open(more: Partial<ServeTlsOptions> = {}): Promise<TlsDoor> {
  const door = await serveTls({
    ...{ host: '127.0.0.1', port: 0, identity: server, allow },
    onBatch: (requests) => {
      for (const request of requests) if (request.op === ECHO) request.reply(request.body);
    },
    ...more,
  });
  doors.push(door);
  return door;
}

function ask(port: number, more: Partial<ConnectTlsOptions> = {}): TlsPeer {
  const peer = connectTls({
    ...{ host: '127.0.0.1', port, serverName: 'localhost', identity: issuer, minPauseMs: 5 },
    ...more,
  });
  peers.push(peer);
  return peer;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition(), 'waited 10 s in vain');
}

async function lostReason(port: number, more: Partial<ConnectTlsOptions>): Promise<string> {
  const reason = Promise.withResolvers<string>();
  const peer = ask(port, { ...more, onLost: (error) => reason.resolve(error.message) });
  const text = await reason.promise;
  await assert.rejects(peer.request(ECHO, Buffer.from('x')), { code: 'peer_gone' });
  peer.close();
  return text;
}

describe('frames over mutual TLS', () => {
  it('carry requests and answers, thousands at a time', async () => {
    const { port } = await open({ limits: { unanswered: 16 } });
    const peer = ask(port);
    await until(() => peer.connected);
    const bodies = Array.from({ length: 5000 }, (_, n) => Buffer.from(`${n}`.repeat(20)));
    const answers = await Promise.all(bodies.map((body) => peer.request(ECHO, body)));
    assert.deepEqual(answers.map(Buffer.from), bodies);
  });

  it('are read no further while requests of so many bytes have no answer', async () => {
    const waiting: PipeRequest[] = [];
    let seen = 0;
    const { port } = await open({
      limits: { unansweredBytes: 100_000 },
      onBatch: (requests) => {
        seen += requests.length;
        waiting.push(...requests);
      },
    });
    const peer = ask(port);
    await until(() => peer.connected);
    const answers = Array.from({ length: 200 }, () => peer.request(SILENCE, Buffer.alloc(10_000)));
    await until(() => seen >= 10);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(seen < 50, `${seen} were read`);
    const answering = setInterval(() => {
      for (const request of waiting.splice(0)) request.reply(new Uint8Array(0));
    }, 5);
    await Promise.all(answers);
    clearInterval(answering);
    assert.equal(seen, 200);
  });

  it('let in no one without a certificate, with one of another authority, or not on the list', async () => {
    const refused: string[] = [];
    const door = await open({ onRefused: (reason) => refused.push(reason) });
    await lostReason(door.port, { identity: identity('ours/stranger') });
    await until(() => refused.some((reason) => reason.includes('not on the list')));
    const foreign = { ...identity('theirs/issuer'), authority: issuer.authority };
    await lostReason(door.port, { identity: foreign });
    const naked = connect({ port: door.port, ca: issuer.authority, servername: 'localhost' });
    await assert.rejects(once(naked, 'close'), /certificate required/);
    await until(() => refused.length >= 3);
    assert.equal(door.callers, 0);
  });

  it('go to no server of another name or another authority', async () => {
    const { port } = await open();
    assert.match(await lostReason(port, { serverName: 'elsewhere.example' }), /altnames|Host/);
    const misled = { ...issuer, authority: identity('theirs/issuer').authority };
    assert.match(await lostReason(port, { identity: misled }), /certificate|self-signed/);
  });

  it('are spoken over TLS 1.3 and nothing older', async () => {
    const { port } = await open();
    const { certificate: cert, key, authority: ca } = issuer;
    const old = connect({ port, ca, cert, key, servername: 'localhost', maxVersion: 'TLSv1.2' });
    const [error] = (await once(old, 'error')) as [Error];
    assert.match(error.message, /version/i);
  });

  it('fail with peer_gone when the connection is lost, and go on over a new one', async () => {
    const first = await open();
    const peer = ask(first.port);
    await until(() => peer.connected);
    const pending = assert.rejects(peer.request(SILENCE, new Uint8Array(0)), { code: 'peer_gone' });
    await first.close();
    await pending;
    await assert.rejects(peer.request(ECHO, Buffer.from('x')), { code: 'peer_gone' });
    await open({ port: first.port });
    await until(() => peer.connected);
    assert.equal(Buffer.from(await peer.request(ECHO, Buffer.from('back'))).toString(), 'back');
  });

  it('that get no answer fail with peer_timeout, and a silent connection is given up', async () => {
    const door = await open();
    const lost: string[] = [];
    const peer = ask(door.port, { timeoutMs: 50, onLost: (error) => lost.push(error.message) });
    await until(() => peer.connected);
    await assert.rejects(peer.request(SILENCE, new Uint8Array(0)), { code: 'peer_timeout' });
    await until(() => lost.length === 1 && peer.connected);
  });

  it('are refused with busy above what may be in flight', async () => {
    const { port } = await open();
    const peer = ask(port, { maxInFlight: 2 });
    await until(() => peer.connected);
    const held = [1, 2].map(() => peer.request(SILENCE, new Uint8Array(0)));
    await assert.rejects(peer.request(ECHO, new Uint8Array(0)), { code: 'busy' });
    peer.close();
    for (const request of held) await assert.rejects(request, { code: 'peer_gone' });
  });
});

describe('the door for callers of other hosts', () => {
  it('closes on a frame that is too long', async () => {
    const refused: string[] = [];
    const door = await open({
      limits: { frameBytes: 100 },
      onRefused: (reason) => refused.push(reason),
    });
    const peer = ask(door.port);
    await until(() => peer.connected);
    const long = peer.request(ECHO, new Uint8Array(200));
    await assert.rejects(long, { code: 'peer_gone' });
    assert.match(refused.join(), /impossible length/);
  });

  it('closes on a handshake that does not come, and on a caller that says nothing', async () => {
    const door = await open({ limits: { handshakeMs: 50, idleMs: 80 } });
    const mute = connectTcp(door.port, '127.0.0.1').resume();
    await once(mute, 'close');
    const lost: Error[] = [];
    ask(door.port, { onLost: (error) => lost.push(error) });
    await until(() => lost.length > 0);
  });

  it('takes no more connections than it may', async () => {
    const door = await open({ limits: { connections: 1 } });
    const first = ask(door.port);
    await until(() => first.connected);
    await lostReason(door.port, {});
    assert.equal(door.callers, 1);
  });

  it('lets its callers in however many strangers hold a connection open and say nothing', async () => {
    const refused: string[] = [];
    const door = await open({
      limits: { connections: 2, handshakes: 3, handshakeMs: 60_000 },
      onRefused: (reason) => refused.push(reason),
    });
    const strangers = Array.from({ length: 12 }, () => {
      const stranger = connectTcp(door.port, '127.0.0.1').resume();
      stranger.on('error', () => undefined);
      return stranger;
    });
    await Promise.all(strangers.map((stranger) => once(stranger, 'connect')));
    const peer = ask(door.port);
    await until(() => peer.connected);
    assert.equal(Buffer.from(await peer.request(ECHO, Buffer.from('in'))).toString(), 'in');
    await until(() => refused.length >= 10);
    assert.equal(door.callers, 1);
    for (const stranger of strangers) stranger.destroy();
  });

  it('does not open with a list that it cannot mean', async () => {
    for (const name of ['', 'AB'.repeat(32), 'ab'.repeat(31), 'issuer']) {
      await assert.rejects(open({ allow: [name] }), { code: 'fingerprint_malformed' });
    }
  });
});

describe('a TLS identity', () => {
  it('that cannot be read is refused by its part, never by its content', () => {
    const path = join(folder, 'junk');
    writeFileSync(path, 'secret junk');
    const good = join(folder, 'ours/issuer/certificate.pem');
    for (const sources of [
      { certificate: path, key: path, authority: path },
      { certificate: good, key: join(folder, 'nowhere'), authority: good },
      { certificate: good, key: good, authority: good },
    ]) {
      assert.throws(
        () => readTlsIdentity(sources),
        (error: Error & { code?: string }) =>
          error.code === 'certificate_unreadable' && !error.message.includes('secret'),
      );
    }
  });
});
