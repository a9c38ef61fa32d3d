// The log's proofs, checked where nobody trusts anybody: a real log's checkpoint, inclusion,
// consistency and tlog-proof, verified by the bundle that a browser gets, in Chromium.

import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  openLog,
  proveFromTiles,
  proveGrowthFromTiles,
  type TransparencyLog,
} from '@countersign/transparency';
import {
  ByteWriter,
  concatBytes,
  cosignatureMessage,
  cosignedMessage,
  createNoteKey,
  encodeHex,
  encodeLeafEntry,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  hashLeaf,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
} from '@countersign/verifier';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { openChromium, openPhone, skipReason } from './open-chromium.ts';

const ROOT = join(import.meta.dirname, '../..');
const ORIGIN = 'log.example/log';
const AT = 1_800_000_000;
const FEW = 300;
const MANY = 700;

interface Witness {
  keyText: string;
  cosign(text: string): NoteSignature;
}

function openWitness(name: string, purpose: 'cosignature' | 'mldsa44'): Witness {
  const { privateKey, publicKey } =
    purpose === 'mldsa44' ? generateKeyPairSync('ml-dsa-44') : generateKeyPairSync('ed25519');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const raw = Uint8Array.from(spki.subarray(purpose === 'mldsa44' ? -1312 : -32));
  const key = createNoteKey(name, purpose, raw);
  const cosign = (text: string) => {
    const { origin, size, root } = parseCheckpoint(text);
    const message =
      purpose === 'mldsa44'
        ? cosignedMessage(name, origin, { start: 0, end: size }, root, AT)
        : cosignatureMessage(AT, text);
    const time = new ByteWriter(8).u64(AT).finish();
    return { name, id: key.id, blob: concatBytes(time, signBytes(message, privateKey)) };
  };
  return { keyText: formatVerifierKey(key), cosign };
}

function signBytes(message: Uint8Array, privateKey: KeyObject): Uint8Array {
  return Uint8Array.from(sign(null, message, privateKey));
}

function entryAt(at: number): Uint8Array {
  const commitment = new Uint8Array(32).fill(at % 256);
  return encodeLeafEntry({
    type: 'access',
    issuedMs: AT * 1000 + at,
    expiresAtSeconds: AT + 600,
    commitment,
  });
}

describe('in Chromium', { skip: skipReason }, () => {
  let folder: string;
  let log: TransparencyLog;
  let server: Server;
  let browser: Browser;
  let older: string;
  let newer: string;
  const readPublic = (path: string) =>
    readFile(join(folder, 'public', path)).catch((): undefined => undefined);
  const grow = async (from: number, to: number): Promise<string> => {
    const entries = Array.from({ length: to - from }, (_, at) => entryAt(from + at));
    await log.appendMany(entries);
    await log.publishNow();
    return readFile(join(folder, 'public/checkpoint'), 'utf8');
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-browser-proof-'));
    log = await openLog({
      folder,
      origin: ORIGIN,
      passphrase: Buffer.from('a passphrase for tests only'),
      clock: new ManualClock(),
      random: systemRandom,
      onFatal: (error) => assert.fail(String(error)),
      make: true,
      keyCost: { memoryKiB: 8, passes: 1 },
      integrateEveryMs: 1_000_000,
    });
    older = await grow(0, FEW);
    newer = await grow(FEW, MANY);
    const script = await bundleVerifier();
    server = createServer(async (request, response) => {
      const path = (request.url ?? '/').slice(1);
      if (path.startsWith('log/')) {
        const bytes = await readPublic(path.slice('log/'.length));
        response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
        return;
      }
      const isScript = path === 'verifier.js';
      response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
      const page =
        '<!doctype html><link rel="icon" href="data:,"><script src="verifier.js"></script>';
      response.end(isScript ? script : page);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await openChromium();
  });
  after(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await log?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function bundleVerifier(): Promise<string> {
    const { outputFiles } = await build({
      stdin: { contents: "export * from '@countersign/verifier';", resolveDir: ROOT },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'countersign',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'silent',
    });
    const text = outputFiles[0]?.text ?? '';
    assert.doesNotMatch(text, /node:crypto/);
    return text;
  }

  test('inclusion, consistency and tlog-proofs of a real log are verified, and false ones not', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const witness = openWitness('witness.example/1', 'cosignature');
    const postQuantum = openWitness('witness.example/pq', 'mldsa44');
    const index = 290;
    const text = (note: string) => parseNote(note).text;
    const witnessed = formatNote({
      text: text(newer),
      signatures: [
        ...parseNote(newer).signatures,
        witness.cosign(text(newer)),
        postQuantum.cosign(text(newer)),
      ],
    });
    const inclusion = await proveFromTiles(readPublic, index, MANY);
    const growth = await proveGrowthFromTiles(readPublic, FEW, MANY);
    const policy = (name: string) =>
      `witness ed ${witness.keyText}\nwitness pq ${postQuantum.keyText}\nquorum ${name}\n`;
    const { page, faults, origins } = await openPhone(browser);
    await page.goto(`${url}/`);
    const found = await page.evaluate(proveInBrowser, {
      url: `${url}/log`,
      origin: ORIGIN,
      checkpointKey: log.identity.keys.checkpoint,
      policies: { ed: policy('ed'), pq: policy('pq') },
      older,
      newer,
      witnessed,
      index,
      entry: encodeHex(entryAt(index)),
      leaves: [0, index, FEW, MANY - 1].map(
        (at) => [at, encodeHex(hashLeaf(entryAt(at)))] as const,
      ),
      inclusion: inclusion.map(encodeHex),
      growth: growth.map(encodeHex),
      proof: formatTlogProof({ index, proof: inclusion, checkpoint: witnessed }),
    });
    assert.deepEqual(found, {
      platform: 'web',
      sizes: [FEW, MANY],
      inclusion: true,
      inclusionElsewhere: false,
      inclusionOfAnother: false,
      consistency: true,
      consistencyBackwards: false,
      consistencyCutShort: false,
      tlogProof: [index, MANY, AT * 1000],
      tlogProofOfAnother: 'tlog_proof_invalid',
      unwitnessed: 'checkpoint_unwitnessed',
      foreignKey: 'note_signature_invalid',
      postQuantumQuorum: 'as the browser can',
      postQuantumQuorumWithoutMlDsa: 'checkpoint_unwitnessed',
      audited: ['included', 'included', 'included', 'included'],
      auditedFalse: 'failed',
    });
    assert.deepEqual([faults, [...origins]], [[], [url]]);
    await page.context().close();
  });
});

/** Runs in the page. */
async function proveInBrowser(given: {
  url: string;
  origin: string;
  checkpointKey: string;
  policies: { ed: string; pq: string };
  older: string;
  newer: string;
  witnessed: string;
  index: number;
  entry: string;
  leaves: (readonly [number, string])[];
  inclusion: string[];
  growth: string[];
  proof: string;
}) {
  const { countersign: room } = globalThis as unknown as {
    countersign: typeof import('@countersign/verifier');
  };
  const { origin, index, older, newer, witnessed } = given;
  const bytes = (hex: string) => room.decodeHex(hex) ?? new Uint8Array(0);
  const logKey = room.parseVerifierKey(given.checkpointKey);
  const codeOf = (job: Promise<unknown>) =>
    job.then(
      () => 'accepted',
      (error: { code?: string }) => error.code ?? String(error),
    );
  const first = await room.verifyCheckpoint(older, origin, logKey);
  const second = await room.verifyCheckpoint(newer, origin, logKey);
  const entry = bytes(given.entry);
  const leaf = room.hashLeaf(entry);
  const path = given.inclusion.map(bytes);
  const growth = given.growth.map(bytes);
  const isIn = (hash: Uint8Array, at: number) =>
    room.verifyInclusion(hash, at, second.size, path, second.root);
  const ed = room.parseTlogPolicy(given.policies.ed);
  const pq = room.parseTlogPolicy(given.policies.pq);
  const proven = await room.verifyTlogProof(given.proof, entry, { origin, logKey, policy: ed });
  const { url, checkpointKey } = given;
  const auditor = room.createDeferredAuditor({
    logs: [{ origin, url, checkpointKey }],
    clock: { nowMs: () => Date.now() },
  });
  const lookUp = (at: number, leafHash: Uint8Array) =>
    auditor.awaitInclusion(
      {
        logOrigin: origin,
        index: at,
        leafHash,
        tokenHash: `${at} ${room.encodeHex(leafHash)}`,
        issuer: 'https://id.example',
        kid: 'k1',
        acceptedAtMs: Date.now(),
        expiresAtSeconds: Math.ceil(Date.now() / 1000) + 600,
      },
      60_000,
    );
  const audited = await Promise.all(given.leaves.map(([at, hash]) => lookUp(at, bytes(hash))));
  const auditedFalse = await lookUp(index, room.EMPTY_ROOT);
  await auditor.close();
  const ofPostQuantum = () =>
    room.verifyWitnessedCheckpoint(witnessed, { origin, logKey, policy: pq });
  const generated = crypto.subtle.generateKey({ name: 'ML-DSA-44' }, false, ['sign', 'verify']);
  const knowsMlDsa = (await codeOf(generated)) === 'accepted';
  const withoutMlDsa = async <T>(job: () => Promise<T>): Promise<T> => {
    const { importKey } = crypto.subtle;
    crypto.subtle.importKey = ((...asked: Parameters<typeof importKey>) =>
      (asked[2] as Algorithm).name === 'ML-DSA-44'
        ? Promise.reject(new DOMException('unknown', 'NotSupportedError'))
        : importKey.apply(crypto.subtle, asked)) as typeof importKey;
    try {
      return await job();
    } finally {
      crypto.subtle.importKey = importKey;
    }
  };
  return {
    platform: 'process' in globalThis ? 'node' : 'web',
    sizes: [first.size, second.size],
    inclusion: isIn(leaf, index),
    inclusionElsewhere: isIn(leaf, index + 1),
    inclusionOfAnother: isIn(room.hashLeaf(leaf), index),
    consistency: room.verifyConsistency(first.size, second.size, growth, first.root, second.root),
    consistencyBackwards: room.verifyConsistency(
      first.size,
      second.size,
      growth,
      second.root,
      first.root,
    ),
    consistencyCutShort: room.verifyConsistency(
      first.size,
      second.size,
      growth.slice(1),
      first.root,
      second.root,
    ),
    tlogProof: [proven.index, proven.checkpoint.size, proven.checkpoint.witnessedMs],
    tlogProofOfAnother: await codeOf(
      room.verifyTlogProof(given.proof, leaf, { origin, logKey, policy: ed }),
    ),
    unwitnessed: await codeOf(
      room.verifyWitnessedCheckpoint(newer, { origin, logKey, policy: ed }),
    ),
    foreignKey: await codeOf(
      room.verifyCheckpoint(newer.replace(`\n${second.size}\n`, '\n7\n'), origin, logKey),
    ),
    postQuantumQuorum:
      (await codeOf(ofPostQuantum())) === (knowsMlDsa ? 'accepted' : 'checkpoint_unwitnessed')
        ? 'as the browser can'
        : 'not as the browser can',
    postQuantumQuorumWithoutMlDsa: await withoutMlDsa(() => codeOf(ofPostQuantum())),
    audited,
    auditedFalse,
  };
}
