// A log in memory with a real key, for tests: takes entries, signs checkpoints, proves inclusion.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  createNoteKey,
  decodeBase64url,
  formatCheckpoint,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  hashLeaf,
  type NodeReader,
  type NoteKey,
  parseTlogPolicy,
  proveInclusion,
  RootAccumulator,
  type TlogPolicy,
  utf8,
} from '@countersign/verifier';

export class TestLog {
  readonly key: NoteKey;
  readonly entries: Uint8Array[] = [];
  readonly #privateKey: KeyObject;

  constructor(origin = 'log.example/log') {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = decodeBase64url(publicKey.export({ format: 'jwk' }).x ?? '') ?? new Uint8Array();
    this.key = createNoteKey(origin, 'ed25519', raw);
    this.#privateKey = privateKey;
  }

  get policyText(): string {
    return `log ${formatVerifierKey(this.key)}\nquorum none\n`;
  }

  get policy(): TlogPolicy {
    return parseTlogPolicy(this.policyText);
  }

  /** @returns its index */
  append(entry: Uint8Array): number {
    return this.entries.push(entry) - 1;
  }

  /** @param size of the tree whose checkpoint it is; default all */
  checkpoint(size = this.entries.length): string {
    const { root } = this.#tree(size);
    const { name, id } = this.key;
    const text = formatCheckpoint({ origin: name, size, root, extensions: [] });
    const blob = new Uint8Array(sign(null, utf8(text), this.#privateKey));
    return formatNote({ text, signatures: [{ name, id, blob }] });
  }

  prove(index: number, size = this.entries.length): string {
    const { read } = this.#tree(size);
    const proof = proveInclusion(index, { start: 0, end: size }, read);
    return formatTlogProof({ index, proof, checkpoint: this.checkpoint(size) });
  }

  #tree(size: number): { root: Uint8Array; read: NodeReader } {
    const nodes = new Map<string, Uint8Array>();
    const tree = new RootAccumulator();
    for (const entry of this.entries.slice(0, size)) {
      tree.add(hashLeaf(entry), (level, index, hash) => nodes.set(`${level}/${index}`, hash));
    }
    return {
      root: tree.root(),
      read: ({ level, index }) => nodes.get(`${level}/${index}`) ?? new Uint8Array(),
    };
  }
}
