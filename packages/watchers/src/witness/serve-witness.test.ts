import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import { TinyLog } from '../testing/tiny-log.ts';
import { requestBody, TestFolder } from '../testing/witness-folder.ts';
import { hashOrigin } from './hash-origin.ts';
import { openWitness } from './open-witness.ts';
import { MAX_BODY_BYTES } from './parse-request.ts';
import { serveWitness } from './serve-witness.ts';

const folder = new TestFolder();
after(() => folder.delete());

describe('a witness over HTTP', () => {
  it('answers both resources, bounds what it reads, and stops in good order', async () => {
    const log = new TinyLog().grow(12);
    const witness = await openWitness({
      folder: folder.path,
      logs: [log.key],
      make: { name: 'witness.example' },
    });
    const faults: unknown[] = [];
    const onFault = (error: unknown) => faults.push(error);
    const served = await serveWitness({ witness, host: '127.0.0.1', port: 0, onFault });
    const url = `http://127.0.0.1:${served.port}`;
    const send = (body: string | Uint8Array<ArrayBuffer>) =>
      fetch(`${url}/add-checkpoint`, { method: 'POST', body });
    const answer = await send(requestBody(log, 0, 12));
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^(— witness\.example [A-Za-z0-9+/=]+\n){2}$/);
    const conflict = await send(requestBody(log, 3, 12));
    assert.equal(conflict.headers.get('content-type'), 'text/x.tlog.size');
    assert.equal(await conflict.text(), '12\n');
    assert.equal((await send(new Uint8Array(MAX_BODY_BYTES + 1))).status, 413);
    assert.equal((await fetch(`${url}/${hashOrigin(log.origin)}/checkpoint`)).status, 200);
    const head = await fetch(`${url}/${hashOrigin(log.origin)}/checkpoint`, { method: 'HEAD' });
    assert.equal(await head.text(), '');
    await breakOff(served.port);
    assert.equal((await send(requestBody(log, 12, 12))).status, 200);
    await served.close();
    await witness.close();
    await assert.rejects(fetch(url));
    assert.deepEqual(faults, []);
  });
});

/** A client that promises a body and goes. */
async function breakOff(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nold 0\n');
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  socket.destroy();
}
