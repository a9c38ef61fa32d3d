import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { fetchCheckpoint } from './fetch-checkpoint.ts';

const answers: number[] = [];
const server = createServer((_, response) => {
  const status = answers.length > 1 ? answers.shift() : answers[0];
  response.writeHead(status ?? 500).end(status === 200 ? 'the note' : 'not now');
});
let url: string;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

test('a checkpoint is waited for while the log shows none', async () => {
  answers.splice(0, answers.length, 503, 503, 200);
  assert.equal(await fetchCheckpoint(url), 'the note');
});

test('the wait ends, and no other answer is waited out', async () => {
  answers.splice(0, answers.length, 503);
  await assert.rejects(fetchCheckpoint(url, 60), /503/);
  answers.splice(0, answers.length, 404, 200);
  await assert.rejects(fetchCheckpoint(url), /404/);
});
