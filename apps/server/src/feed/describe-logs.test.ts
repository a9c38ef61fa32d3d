import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNoteKey, formatVerifierKey, parseTlogPolicy } from '@countersign/verifier';
import { formatLogPolicy } from './describe-logs.ts';

const keyOf = (name: string, purpose: 'ed25519' | 'cosignature', byte: number): string =>
  formatVerifierKey(createNoteKey(name, purpose, new Uint8Array(32).fill(byte)));

const logOf = (origin: string, byte: number) => ({
  url: `https://${origin}`,
  keys: {
    origin,
    receiptKey: '',
    checkpointKey: keyOf(origin, 'ed25519', byte),
    feedKey: '',
  },
});

test('the policy of the logs is one that everybody can read: keys, places, and no quorum', () => {
  const logs = [logOf('one.example/log', 1), logOf('two.example/log', 2)];
  const policy = parseTlogPolicy(formatLogPolicy(logs, undefined));
  assert.deepEqual(
    policy.logs.map(({ key, url }) => [formatVerifierKey(key), url]),
    logs.map(({ keys, url }) => [keys.checkpointKey, url]),
  );
  assert.equal(policy.quorum, 'none');
});

test('with witnesses it names them and their quorum', () => {
  const rules = `witness w1 ${keyOf('witness.example/1', 'cosignature', 3)}\nquorum w1\n`;
  const policy = parseTlogPolicy(formatLogPolicy([logOf('one.example/log', 1)], rules));
  assert.deepEqual([policy.quorum, [...policy.witnesses.keys()]], ['w1', ['w1']]);
});
