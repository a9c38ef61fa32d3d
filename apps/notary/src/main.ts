// The notary process: opens its log and answers its parent over stdin and stdout until that pipe
// ends. It has no network, no environment and no folder but its own.

import { LOCK_DESCRIPTOR, servePipe } from '@countersign/pipe';
import { answerRequests, inheritedLock, openLog } from '@countersign/transparency';
import { isCodedError, systemClock, systemRandom } from '@countersign/vocabulary';
import { readArguments, USAGE } from './read-arguments.ts';
import { readPassphrase } from './read-passphrase.ts';
import { refuseUnconfined } from './refuse-unconfined.ts';

/**
 * Threads that write tiles. Each waits for the disk most of the time, and those that wait together
 * share a commit of its journal. Read by libuv when the first of them starts.
 */
const DISK_THREADS = '16';
/** A notary whose server was just replaced may need a moment to publish and leave. */
const LOCK_WAIT_MS = 2000;

async function run(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  refuseUnconfined(process.permission);
  process.env['UV_THREADPOOL_SIZE'] = DISK_THREADS;
  const { passphraseFd, ...place } = readArguments(process.argv.slice(2));
  const passphrase = readPassphrase(passphraseFd);
  const lock = inheritedLock(place.folder, LOCK_DESCRIPTOR);
  const log = await openLog({
    ...place,
    passphrase,
    ...(lock === undefined ? { lockWaitMs: LOCK_WAIT_MS } : { takeLock: () => lock }),
    clock: systemClock,
    random: systemRandom,
    onFatal: (error) => leave('stopped', error),
  });
  passphrase.fill(0);

  const close = (): void => {
    log.close().then(
      () => process.exit(0),
      (error) => leave('did not close', error),
    );
  };
  // A terminal's Ctrl-C reaches the whole group; the parent decides when the notary may go.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', close);
  servePipe({
    input: process.stdin,
    output: process.stdout,
    onBatch: (requests) => answerRequests(log, requests),
    onEnd: close,
  });
}

/** Says why, for the operator, and goes: what is in memory is no longer to be trusted. */
function leave(what: string, error: unknown): never {
  const code = isCodedError(error) ? `${error.code}: ` : '';
  const reason = error instanceof Error ? error.message : 'an error without a name';
  process.stderr.write(`The notary ${what}. ${code}${reason}\n`);
  process.exit(1);
}

run().catch((error: unknown) => leave('did not start', error));
