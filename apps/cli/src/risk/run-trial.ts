// Runs an order in a thread and shows how far it is.

import { Worker } from 'node:worker_threads';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import type { TrialMessage, TrialOrder } from './trial-order.ts';

type Outcome = Exclude<TrialMessage, { kind: 'progress' | 'refused' }>;

/** @throws CodedError `wrong_use` for data that is not the data set, too little of it or too much; `file_unreadable` */
export async function runTrial(world: CliWorld, order: TrialOrder): Promise<Outcome> {
  const worker = new Worker(new URL('./trial-thread.ts', import.meta.url), {
    workerData: order,
  });
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      worker.on('message', (message: TrialMessage) => {
        if (message.kind === 'progress')
          world.progress.count(message.what, message.done, message.of);
        else if (message.kind === 'refused') reject(refusal(message));
        else resolve(message);
      });
      worker.on('error', (error) => reject(tellTooMuch(error)));
      worker.on('exit', (code) => reject(new Error(`The trial ended early (${code}).`)));
    });
  } finally {
    await worker.terminate();
  }
}

/** A thread that ran out of memory says so by a code of Node's, and nothing of what to do. */
function tellTooMuch(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return cliError(
    'wrong_use',
    'There is not enough memory for so many people. Keep fewer of them (--people 0.2, or a lower --users), or give more: NODE_OPTIONS=--max-old-space-size=8000 (MB).',
    error,
  );
}

function refusal({ code, message }: { code: string; message: string }): Error {
  return cliError(code === 'file_unreadable' ? 'file_unreadable' : 'wrong_use', message);
}
