// A thread of its own for minutes of arithmetic, so that the one in front can draw how far it is and end
// when it is told to.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { encodeRiskModel } from '@countersign/risk';
import { type RbaData, readRba, runEvaluation, trainModel } from '@countersign/trials';
import { isCodedError } from '@countersign/vocabulary';
import type { DataOrder, TrialMessage, TrialOrder } from './trial-order.ts';

const READ_BYTES = 1 << 20;
/** Drawn at most so often: a message costs more than a row. */
const PROGRESS_MS = 50;

let saidMs = Number.NEGATIVE_INFINITY;

function tell(message: TrialMessage): void {
  parentPort?.postMessage(message);
}

function onProgress(what: string, done: number, of: number): void {
  const nowMs = performance.now();
  if (nowMs - saidMs < PROGRESS_MS) return;
  saidMs = nowMs;
  tell({ kind: 'progress', what, done, of });
}

async function read(order: DataOrder): Promise<RbaData> {
  const { size } = await stat(order.path);
  return readRba(createReadStream(order.path, { highWaterMark: READ_BYTES }), {
    shareOfPeople: order.shareOfPeople,
    onProgress: (bytes) => onProgress('reading the data set', bytes, size),
  });
}

async function run({ kind, order, data }: TrialOrder): Promise<void> {
  const given = data === undefined ? undefined : await read(data);
  if (kind === 'evaluate') {
    tell({ kind: 'evaluated', report: runEvaluation({ ...order, onProgress }, given) });
    return;
  }
  const model = trainModel({ ...order, onProgress }, given?.logins);
  const { rows, legitimate, attacks } = model.summary;
  tell({
    kind: 'trained',
    model: { bytes: encodeRiskModel(model), rows, legitimate, attacks: { ...attacks } },
  });
}

try {
  await run(workerData as TrialOrder);
} catch (error) {
  // A bug of ours ends the thread, and the command with its stack; a refusal is for the user to act on.
  const isMissing = error instanceof Error && 'syscall' in error;
  if (isCodedError(error)) tell({ kind: 'refused', code: error.code, message: error.message });
  else if (isMissing) tell({ kind: 'refused', code: 'file_unreadable', message: error.message });
  else throw error;
}
