// A folder for a witness in a test, and the requests that a log would send it.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBase64, proveConsistency, utf8 } from '@countersign/verifier';
import { answerWitness } from '../witness/answer-witness.ts';
import type { Witness } from '../witness/open-witness.ts';
import type { WitnessAnswer } from '../witness/witness-answer.ts';
import type { TinyLog } from './tiny-log.ts';

/** Where syncing costs nothing, for tests that end no process: there it is only waiting. */
export const MEMORY_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export class TestFolder {
  readonly path: string;

  constructor(below = tmpdir()) {
    this.path = mkdtempSync(join(below, 'countersign-watchers-'));
  }

  delete(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The body of add-checkpoint from one size of an honest log to another. */
export function requestBody(log: TinyLog, oldSize: number, size: number): string {
  const proof = oldSize === 0 ? [] : proveConsistency({ start: 0, end: oldSize }, size, log.node);
  return formatRequest(oldSize, proof, log.checkpoint(size));
}

export function formatRequest(
  oldSize: number | string,
  proof: readonly Uint8Array[],
  note: string,
): string {
  return `old ${oldSize}\n${proof.map((hash) => `${encodeBase64(hash)}\n`).join('')}\n${note}`;
}

export function post(witness: Witness, body: string | Uint8Array): Promise<WitnessAnswer> {
  const bytes = typeof body === 'string' ? utf8(body) : body;
  return answerWitness(witness, { method: 'POST', path: '/add-checkpoint', body: bytes });
}

export function textOf({ body }: WitnessAnswer): string {
  return new TextDecoder().decode(body);
}
