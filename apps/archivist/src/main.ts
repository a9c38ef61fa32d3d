// The archivist process: opens the archive over the server's database and answers its parent over stdin
// and stdout until that pipe ends. It has no network, no environment, and no folder but its own.

import { getPriority, setPriority } from 'node:os';
import { answerRequests, openArchivist } from '@countersign/archive';
import { servePipe } from '@countersign/pipe';
import { isCodedError, systemClock } from '@countersign/vocabulary';
import { readArguments, USAGE } from './read-arguments.ts';
import { refuseUnconfined } from './refuse-unconfined.ts';

/** Requests in work, above which no more are read: each may hold a query and its answer. */
const MOST_UNANSWERED = 64;
/**
 * Issuing goes first. At this niceness a busy machine still gives a quarter of a processor, and the
 * threads that are started later have it too.
 */
const NICENESS = 5;

async function run(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  refuseUnconfined(process.permission);
  if (getPriority() < NICENESS) setPriority(NICENESS);
  const { memoryMebibytes, threads, ...place } = readArguments(process.argv.slice(2));
  const archivist = await openArchivist({
    ...place,
    nowMs: () => systemClock.nowMs(),
    duckDb: { memoryMebibytes, threads },
    onFatal: (error) => {
      say('stopped', error);
      process.exit(1);
    },
  });
  // Nothing has to be finished: what is not on record is made again.
  const leave = (): void => process.exit(0);
  // A terminal's Ctrl-C reaches the whole group; the parent decides when the archivist may go.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', leave);
  servePipe({
    input: process.stdin,
    output: process.stdout,
    maxUnanswered: MOST_UNANSWERED,
    onBatch: answerRequests(archivist, (error) => say('could not answer', error)),
    onEnd: leave,
  });
}

function say(what: string, error: unknown): void {
  const code = isCodedError(error) ? `${error.code}: ` : '';
  const reason = error instanceof Error ? error.message : 'an error without a name';
  process.stderr.write(`The archivist ${what}. ${code}${reason.replaceAll('\n', ' ')}\n`);
}

run().catch((error: unknown) => {
  say('did not start', error);
  process.exit(1);
});
