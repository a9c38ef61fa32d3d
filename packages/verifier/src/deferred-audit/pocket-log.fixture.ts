// A transparency log small enough for a test, with real hashes, real keys and a server that is a
// function. It can also do what a log must not: fork, lie about a leaf, fall silent.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { hashLeaf, hashNode } from '../merkle/hash-node.ts';
import { hashRange, type TreeNode } from '../merkle/prove.ts';
import { formatCheckpoint } from '../note/checkpoint.ts';
import { formatNote } from '../note/parse-note.ts';
import { createNoteKey, formatVerifierKey, type NoteKey } from '../note/verifier-key.ts';
import type { FetchLike } from '../ports.ts';
import type { TestCosigner } from '../testing/test-cosigner.ts';

export class PocketLog {
  readonly origin: string;
  readonly url: string;
  readonly key: NoteKey;
  readonly #privateKey: KeyObject;
  leaves: Uint8Array[] = [];
  /** Size the checkpoint speaks of; undefined for all leaves. */
  publishedSize: number | undefined;
  silent = false;
  /** Who cosigns each checkpoint, and its time in seconds. */
  witnesses: readonly (readonly [TestCosigner, number])[] = [];
  /** Paths that answer 404. */
  readonly missing = new Set<string>();
  /** Bytes put in place of what a path should hold. */
  readonly replaced = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly asked: string[] = [];

  constructor(origin = 'log.example/log') {
    this.origin = origin;
    this.url = `https://${origin}`;
    const pair = generateKeyPairSync('ed25519');
    const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    this.key = createNoteKey(this.origin, 'ed25519', new Uint8Array(raw));
    this.#privateKey = pair.privateKey;
  }

  get checkpointKey(): string {
    return formatVerifierKey(this.key);
  }

  grow(count: number, salt = 'leaf'): void {
    for (let step = 0; step < count; step += 1) {
      this.leaves.push(hashLeaf(new TextEncoder().encode(`${salt} ${this.leaves.length}`)));
    }
  }

  node = ({ level, index }: TreeNode): Uint8Array => {
    if (level === 0) return this.leaves[index] ?? new Uint8Array(0);
    const left = this.node({ level: level - 1, index: index * 2 });
    return hashNode(left, this.node({ level: level - 1, index: index * 2 + 1 }));
  };

  root(size: number): Uint8Array {
    return hashRange({ start: 0, end: size }, this.node);
  }

  checkpoint(size: number): string {
    const root = this.root(size);
    const text = formatCheckpoint({ origin: this.origin, size, root, extensions: [] });
    const blob = new Uint8Array(sign(null, new TextEncoder().encode(text), this.#privateKey));
    const cosignatures = this.witnesses.map(([witness, seconds]) => witness.sign(text, seconds));
    const own = { name: this.origin, id: this.key.id, blob };
    return formatNote({ text, signatures: [own, ...cosignatures] });
  }

  fetch: FetchLike = async (url) => {
    if (this.silent) throw new Error('silent');
    const path = url.slice(this.url.length + 1);
    this.asked.push(path);
    if (this.missing.has(path)) return new Response('', { status: 404 });
    const replaced = this.replaced.get(path);
    if (replaced !== undefined) return new Response(replaced);
    const size = this.publishedSize ?? this.leaves.length;
    if (path === 'checkpoint') return new Response(this.checkpoint(size));
    return this.#serveTile(path, this.leaves.length);
  };

  #serveTile(path: string, size: number): Response {
    const found = /^tile\/(\d+)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d+))?$/.exec(path);
    if (found === null) return new Response('', { status: 404 });
    const level = Number(found[1]);
    const number = Number((found[2] ?? '').replaceAll(/[x/]/g, ''));
    const width = Number(found[3] ?? 256);
    const first = number * 256;
    if (first + width > Math.floor(size / 256 ** level)) return new Response('', { status: 404 });
    const hashes = Array.from({ length: width }, (_, at) =>
      this.node({ level: level * 8, index: first + at }),
    );
    return new Response(Buffer.concat(hashes));
  }
}
