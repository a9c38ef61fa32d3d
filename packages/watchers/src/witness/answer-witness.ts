// The two resources of a witness (C2SP tlog-witness): add-checkpoint, and the latest checkpoint of a
// log by the hash of its origin. Everything else is refused with a code.

import type { Witness } from './open-witness.ts';
import { parseAddCheckpoint } from './parse-request.ts';
import { answerRefusal, answerText, type WitnessAnswer, WitnessRefusal } from './witness-answer.ts';

export interface WitnessRequest {
  method: string;
  /** Below the witness's prefix, with its first slash; no query. */
  path: string;
  body: Uint8Array;
}

const CHECKPOINT_PATH = /^\/([0-9a-f]{64})\/checkpoint$/;

/** What is wrong is the answer; only faults of our own are thrown. */
export async function answerWitness(
  witness: Witness,
  request: WitnessRequest,
): Promise<WitnessAnswer> {
  try {
    return await answer(witness, request);
  } catch (error) {
    if (error instanceof WitnessRefusal) return answerRefusal(error);
    throw error;
  }
}

async function answer(
  witness: Witness,
  { method, path, body }: WitnessRequest,
): Promise<WitnessAnswer> {
  if (path === '/add-checkpoint') {
    if (method !== 'POST') throw notAllowed('add-checkpoint takes POST.');
    return witness.addCheckpoint(parseAddCheckpoint(body));
  }
  const originHash = CHECKPOINT_PATH.exec(path)?.[1];
  if (originHash === undefined) throw new WitnessRefusal('not_found', 'There is nothing here.');
  if (method !== 'GET' && method !== 'HEAD') throw notAllowed('A checkpoint is read by GET.');
  const latest = witness.latest(originHash);
  if (latest === undefined) {
    throw new WitnessRefusal('not_found', 'No checkpoint of that log was cosigned here.');
  }
  return answerText(latest);
}

function notAllowed(message: string): WitnessRefusal {
  return new WitnessRefusal('method_not_allowed', message);
}
