// A small log over HTTP with a real key, at most one bundle long, whose bytes a test may change.

import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  concatBytes,
  createNoteKey,
  decodeBase64url,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  RootAccumulator,
  utf8,
} from '@countersign/verifier';

export interface ServedLog {
  origin: string;
  url: string;
  /** Text of the key that signs its checkpoints. */
  checkpointKey: string;
  /** What the bundle holds; the checkpoint stays as it was signed. */
  entries: Uint8Array[];
  /** Signs a checkpoint over other entries and serves those; a liar's need not begin like the last. */
  publish(entries: readonly Uint8Array[]): void;
  close(): void;
}

/** @param entries fewer than 256 */
export async function serveLog(entries: readonly Uint8Array[]): Promise<ServedLog> {
  const origin = 'log.example/log';
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = decodeBase64url(publicKey.export({ format: 'jwk' }).x ?? '') ?? new Uint8Array();
  const { name, id, ...key } = createNoteKey(origin, 'ed25519', raw);
  let checkpoint = '';
  let leaves: Uint8Array[] = [];
  const publish = (signed: readonly Uint8Array[]): void => {
    leaves = signed.map(hashLeaf);
    const tree = new RootAccumulator();
    for (const leaf of leaves) tree.add(leaf);
    const text = formatCheckpoint({ origin, size: tree.size, root: tree.root(), extensions: [] });
    const blob = new Uint8Array(sign(null, utf8(text), privateKey));
    checkpoint = formatNote({ text, signatures: [{ name, id, blob }] });
    log.entries = [...signed];
  };
  const log: ServedLog = {
    origin,
    url: '',
    checkpointKey: formatVerifierKey({ name, id, ...key }),
    entries: [],
    publish,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  publish(entries);
  const server = createServer((request, response) => {
    if (request.url === '/checkpoint') response.end(checkpoint);
    else if (request.url === '/api/v1/log-policy')
      response.end(`log ${log.checkpointKey} ${log.url}\nquorum none\n`);
    else if (request.url === `/tile/entries/000.p/${leaves.length}`)
      response.end(joinBundle(log.entries));
    else if (request.url === `/tile/0/000.p/${leaves.length}`) response.end(concatBytes(...leaves));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  log.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return log;
}

function joinBundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts = entries.flatMap((entry) => [
    Uint8Array.of(entry.length >> 8, entry.length & 255),
    entry,
  ]);
  return concatBytes(...parts);
}
