// The public halves of our signers' keys as they were last heard, in DATA/signers.json: a start must
// not depend on a signer that is away just then, whose tokens live on, and must not believe one that
// comes back without its keys.

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { PublicKeyRecord } from '@countersign/keys';
import { CodedError } from '@countersign/vocabulary';
import { z } from 'zod';

const keySchema = z.looseObject({
  kid: z.string().min(1).max(255),
  alg: z.string(),
  scope: z.looseObject({ issuer: z.string() }),
  publicJwk: z.looseObject({}),
  life: z.looseObject({ state: z.string() }),
});
const fileSchema = z.record(z.string(), z.array(keySchema));

export class SignerNotes {
  readonly #path: string;
  readonly #notes: Map<string, readonly PublicKeyRecord[]>;

  /** @throws CodedError `signer_changed` when the file is damaged */
  constructor(dataPath: string) {
    this.#path = join(dataPath, 'signers.json');
    this.#notes = new Map(Object.entries(this.#read()));
  }

  /** Undefined for a signer that was never heard. */
  keysOf(signer: string): readonly PublicKeyRecord[] | undefined {
    return this.#notes.get(signer);
  }

  /**
   * Durable when it returns, if there is news; how often a key has signed is none.
   * @throws CodedError `signer_changed` when keys are missing that it had: a signer keeps all
   */
  note(signer: string, keys: readonly PublicKeyRecord[]): void {
    const noted = this.#notes.get(signer);
    const known = new Set(keys.map(({ kid }) => kid));
    const lost = (noted ?? []).filter(({ kid }) => !known.has(kid));
    if (lost.length > 0) {
      throw new CodedError(
        'signer_changed',
        `The signer "${signer}" has lost ${lost.length} of its keys, or is another one. Restore its folder; if it was replaced on purpose, give the new one another address.`,
      );
    }
    if (noted !== undefined && summarise(noted) === summarise(keys)) return;
    this.#notes.set(signer, keys.map(withoutPlace));
    this.#write();
  }

  #read(): Record<string, PublicKeyRecord[]> {
    if (!existsSync(this.#path)) return {};
    try {
      const notes = fileSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      // Written by this class alone; the schema is for files that something else has damaged.
      return notes as unknown as Record<string, PublicKeyRecord[]>;
    } catch (cause) {
      throw new CodedError('signer_changed', `${this.#path} is damaged; restore it.`, { cause });
    }
  }

  #write(): void {
    const next = `${this.#path}.next`;
    const fd = openSync(next, 'w', 0o600);
    writeSync(fd, `${JSON.stringify(Object.fromEntries(this.#notes))}\n`);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(next, this.#path);
    const folder = openSync(dirname(this.#path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
}

/** Where it stands is looked up anew at each start. */
function withoutPlace(key: PublicKeyRecord): PublicKeyRecord {
  const { signer: _, away: __, ...kept } = key;
  return kept;
}

function summarise(keys: readonly PublicKeyRecord[]): string {
  return keys.map(({ kid, life }) => `${kid} ${life.state}`).join('\n');
}
