// `fingerprints.json` in the signer's folder: what scanners of dumps are given. It is derived from the
// keys, and from the record of those that are over, at every start, so that damage to it heals, and grows before a new key is kept.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../disk/write-durably.ts';
import type { SecretFingerprint } from './fingerprint-key.ts';

const FINGERPRINT_FILE = 'fingerprints.json';

export class FingerprintFile {
  readonly #path: string;
  #secrets: readonly SecretFingerprint[];

  /** Makes the file of `folder` tell of exactly these; writes only when it does not yet. */
  constructor(folder: string, secrets: readonly SecretFingerprint[]) {
    this.#path = join(folder, FINGERPRINT_FILE);
    this.#secrets = secrets;
    if (readText(this.#path) !== textOf(secrets)) this.#write(secrets);
  }

  /** Returns when the file durably tells of these too. */
  add(more: readonly SecretFingerprint[]): void {
    const secrets = [...this.#secrets, ...more];
    this.#write(secrets);
    this.#secrets = secrets;
  }

  /** Those of one key. */
  of(kid: string): SecretFingerprint[] {
    return this.#secrets.filter((secret) => secret.kid === kid);
  }

  /** Leaves out of the next writing what none of these keys has. */
  keep(isKept: (kid: string) => boolean): void {
    this.#secrets = this.#secrets.filter(({ kid }) => isKept(kid));
  }

  #write(secrets: readonly SecretFingerprint[]): void {
    writeDurably(this.#path, Buffer.from(textOf(secrets), 'utf8'));
  }
}

function textOf(secrets: readonly SecretFingerprint[]): string {
  // Ordered by key, so that the text does not depend on how the folder happened to be read.
  const ordered = [...secrets].sort((a, b) => (a.kid < b.kid ? -1 : a.kid > b.kid ? 1 : 0));
  return `${JSON.stringify({ version: 1, secrets: ordered })}\n`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
