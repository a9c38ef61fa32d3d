// A log in memory, with real hashes and real keys, served by a function that stands in for fetch.
// It can do what a log must not: fork, roll back, alter, withhold.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  concatBytes,
  createNoteKey,
  decodeBase64url,
  type FetchLike,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  hashNode,
  hashRange,
  type NodeReader,
  type NoteKey,
  type NoteSignature,
  utf8,
} from '@countersign/verifier';

export interface KeyPair {
  key: NoteKey;
  privateKey: KeyObject;
}

export function makeKeyPair(name: string, purpose: 'ed25519' | 'cosignature' = 'ed25519'): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = decodeBase64url(publicKey.export({ format: 'jwk' }).x ?? '');
  if (raw === undefined) throw new Error('the platform exported no key');
  return { key: createNoteKey(name, purpose, raw), privateKey };
}

export class TinyLog {
  readonly origin: string;
  readonly url: string;
  readonly pair: KeyPair;
  readonly entries: Uint8Array[] = [];
  /** Size the served checkpoint speaks of; undefined for all entries. */
  shown: number | undefined;
  silent = false;
  /** Paths that answer 404. */
  readonly missing = new Set<string>();
  /** Bytes put in place of what a path should hold. */
  readonly replaced = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly asked: string[] = [];
  /** Further signatures on the checkpoint, made of its text. */
  cosign: (text: string) => NoteSignature[] = () => [];
  /** True for a log that deletes partial tiles once the full one exists. */
  dropsPartials = false;
  readonly #rows: Uint8Array[][] = [[]];

  constructor(origin = 'log.example/log', pair = makeKeyPair(origin)) {
    this.origin = origin;
    this.url = `https://${origin}`;
    this.pair = pair;
  }

  get key(): NoteKey {
    return this.pair.key;
  }

  get vkey(): string {
    return formatVerifierKey(this.key);
  }

  get size(): number {
    return this.entries.length;
  }

  /** A log with the same key and the same first `size` entries. */
  fork(size: number): TinyLog {
    const other = new TinyLog(this.origin, this.pair);
    for (const entry of this.entries.slice(0, size)) other.add(entry);
    return other;
  }

  add(entry: Uint8Array): void {
    this.entries.push(entry);
    this.#row(0).push(hashLeaf(entry));
    for (let level = 0; this.#row(level).length % 2 === 0; level += 1) {
      const row = this.#row(level);
      this.#row(level + 1).push(hashNode(row.at(-2) as Uint8Array, row.at(-1) as Uint8Array));
    }
  }

  grow(count: number, salt = 'entry'): this {
    for (let step = 0; step < count; step += 1) this.add(utf8(`${salt} ${this.size}`));
    return this;
  }

  readonly node: NodeReader = ({ level, index }) => {
    const hash = this.#rows[level]?.[index];
    if (hash === undefined) throw new Error(`no node ${level}/${index}`);
    return hash;
  };

  root(size = this.size): Uint8Array {
    return hashRange({ start: 0, end: size }, this.node);
  }

  text(size = this.size): string {
    return formatCheckpoint({ origin: this.origin, size, root: this.root(size), extensions: [] });
  }

  checkpoint(size = this.size): string {
    return this.signed(this.text(size));
  }

  /** Any text as a note of this log. */
  signed(text: string): string {
    const { key, privateKey } = this.pair;
    const blob = new Uint8Array(sign(null, utf8(text), privateKey));
    return formatNote({
      text,
      signatures: [{ name: key.name, id: key.id, blob }, ...this.cosign(text)],
    });
  }

  readonly fetch: FetchLike = async (url) => {
    if (this.silent) throw new Error('silent');
    const path = url.slice(this.url.length + 1);
    this.asked.push(path);
    const body = this.serve(path);
    return body === undefined ? new Response('', { status: 404 }) : new Response(body);
  };

  /** What is at a path below the log's URL. */
  serve(path: string): Uint8Array<ArrayBuffer> | undefined {
    if (this.missing.has(path)) return undefined;
    const replaced = this.replaced.get(path);
    if (replaced !== undefined) return replaced;
    if (path === 'checkpoint') return utf8(this.checkpoint(this.shown ?? this.size));
    return this.#serveTile(path);
  }

  #serveTile(path: string): Uint8Array<ArrayBuffer> | undefined {
    const found = /^tile\/(\d+|entries)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d+))?$/.exec(path);
    if (found === null) return undefined;
    const level = found[1] === 'entries' ? 0 : Number(found[1]);
    const first = Number((found[2] ?? '').replaceAll(/[x/]/g, '')) * 256;
    const width = Number(found[3] ?? 256);
    const row = found[1] === 'entries' ? this.entries : this.#row(level * 8);
    if (first + width > row.length) return undefined;
    if (this.dropsPartials && found[3] !== undefined && first + 256 <= row.length) return undefined;
    const items = row.slice(first, first + width);
    return found[1] === 'entries' ? joinBundle(items) : concatBytes(...items);
  }

  #row(level: number): Uint8Array[] {
    this.#rows[level] ??= [];
    return this.#rows[level];
  }
}

export function joinBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]),
  );
}
