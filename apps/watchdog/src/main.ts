// The watchdog of a house, as the server starts it beside itself: it must outlive its server by as long
// as it takes to say that the server is gone, and not by more.

import { createInterface } from 'node:readline';
import { watchHouse } from '@countersign/watchers';
import { readPlan } from './read-plan.ts';

/** What the server says before it ends in good order; standard input that just ends says otherwise. */
const FAREWELL = 'end';

function say(line: object): void {
  process.stderr.write(`${JSON.stringify({ watchdog: process.pid, ...line })}\n`);
}

let lastTrouble = '';

/** What fails with every look is said once. */
function sayTrouble(trouble: string): void {
  if (trouble !== lastTrouble) say({ trouble });
  lastTrouble = trouble;
}

async function main(): Promise<void> {
  // Ends with its house, not before it: whoever wants it gone must stop the server or kill it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  // Whoever reads these lines may be gone.
  process.stderr.on('error', () => {});
  const lines = createInterface({ input: process.stdin });
  const ending = new AbortController();
  const { promise: planned, resolve: plan } = Promise.withResolvers<string>();
  let wasToldToEnd = false;
  lines.on('line', (line) => {
    if (line === FAREWELL) wasToldToEnd = true;
    else plan(line);
  });
  lines.on('close', () => {
    ending.abort();
    plan('');
  });
  const { base, house, viewUrl, ...rest } = readPlan(await planned);
  const watch = await watchHouse({
    ...{ ...rest, house, viewUrls: [viewUrl] },
    keySetUrl: (issuer) => `${atBase(issuer, house, base)}/jwks`,
    onAlarm: (alarm) => say({ alarm }),
    onTrouble: sayTrouble,
  });
  await watch.watch(ending.signal);
  if (!wasToldToEnd)
    await watch.raiseGone('The server has ended without a word: keys rotate no more.');
  await watch.close();
}

/** The same issuer, asked on this machine: its public name may lead through somebody else's proxy. */
function atBase(issuer: string, house: string, base: string): string {
  return issuer.startsWith(`${house}/`) ? base + issuer.slice(house.length) : issuer;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say({ trouble: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  },
);
