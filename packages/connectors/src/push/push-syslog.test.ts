import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { eventAt, PushHouse } from './testing/push-house.ts';

let certificate = '';
let key = '';
before(() => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-syslog-'));
  const [keyFile, certificateFile] = [join(folder, 'k.pem'), join(folder, 'c.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', keyFile, '-out', certificateFile],
    ],
    { stdio: 'ignore' },
  );
  certificate = readFileSync(certificateFile, 'utf8');
  key = readFileSync(keyFile, 'utf8');
  rmSync(folder, { recursive: true });
});

/** What a connection does with what comes: reads on, dies as a process does, or reads and says nothing. */
type Manner = 'read' | 'reset' | 'never end';
let manners: Manner[] = [];
let received: Buffer[] = [];
let server: Server;
let house: PushHouse;
beforeEach(async () => {
  manners = [];
  received = [];
  house = await PushHouse.open();
  server = createServer({ cert: certificate, key, allowHalfOpen: true }, (socket: TLSSocket) => {
    const manner = manners.shift() ?? 'read';
    const chunks: Buffer[] = [];
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (manner === 'reset') for (const one of raw) one.resetAndDestroy();
    });
    socket.on('end', () => {
      if (manner !== 'read') return;
      received.push(Buffer.concat(chunks));
      socket.end();
    });
  });
  const raw = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    raw.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => raw.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
});
afterEach(async () => {
  await house.close();
  server.close();
  assert.deepEqual(house.failed, []);
});
after(() => server.close());

const port = (): number => (server.address() as AddressInfo).port;

/** The messages of a stream, by their own lengths (RFC 5425 §4.3). */
function messagesOf(stream: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < stream.length; ) {
    const space = stream.indexOf(0x20, at);
    const length = Number(stream.toString('latin1', at, space));
    assert.ok(length > 0);
    messages.push(stream.toString('utf8', space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return messages;
}

test('syslog gets each event as a message of RFC 5424, counted in octets', async () => {
  house.log.push(eventAt(1), eventAt(2, { severityId: 5, ocsf: '{"name":"Zoë"}' }));
  const id = await house.make({ kind: 'syslog', host: 'localhost', port: port(), ca: certificate });
  await house.run();
  const [first = '', second = ''] = messagesOf(Buffer.concat(received));
  const moment = new Date(house.log[0]?.timeMs ?? 0).toISOString();
  assert.equal(
    first,
    `<110>1 ${moment} id.example countersign - token.issued - ${house.log[0]?.ocsf}`,
  );
  assert.match(second, /^<106>1 .* \{"name":"Zoë"\}$/);
  assert.equal((await house.sinks.find(id)).position, 2);
});

test('a receiver that breaks off, or never says that it has read, is sent the batch again', async () => {
  house.log.push(...[1, 2, 3].map((n) => eventAt(n)));
  const id = await house.make({ kind: 'syslog', host: 'localhost', port: port(), ca: certificate });
  manners = ['reset', 'never end'];
  await house.run();
  assert.equal((await house.sinks.find(id)).position, 0);
  await house.run(60_000);
  assert.equal(messagesOf(Buffer.concat(received)).length, 3);
  assert.equal((await house.sinks.find(id)).position, 3);
});

test('a receiver whose certificate nobody vouches for gets nothing', async () => {
  house.log.push(eventAt(1));
  const id = await house.make({ kind: 'syslog', host: 'localhost', port: port() });
  await house.run();
  const { position, error } = await house.sinks.find(id);
  assert.equal(position, 0);
  assert.match(error?.message ?? '', /self-signed/);
  assert.equal(received.length, 0);
});
