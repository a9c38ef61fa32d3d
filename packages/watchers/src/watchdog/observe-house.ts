// The eyes of a watchdog: each source asked by itself, bounded in time and bytes, and none believed for
// another. What fails is a part of the look, never an exception of it.

import { setTimeout as wait } from 'node:timers/promises';
import { type FetchLike, fetchBounded } from '@countersign/verifier';
import type { Clock } from '@countersign/vocabulary';
import type { Monitor } from '../monitor/monitor-report.ts';
import { refusal } from '../watcher-error.ts';
import { type HouseView, isShown, parseHouseView } from './house-view.ts';
import type { LoggedKeys } from './keep-logged-keys.ts';
import type { Look } from './look.ts';

export interface HouseSources {
  /** Where the house tells of its keys; several when it tells of one issuer at a time. */
  readonly viewUrls: readonly string[];
  /** Sent with these questions only, as a bearer credential. */
  readonly credential?: string;
  /** Issuers that are asked about by name, where that is how the house tells. */
  readonly issuers?: readonly string[];
  /** Where the JWKS of an issuer is read; throws for one that is not to be asked. */
  readonly keySetUrl: (issuer: string) => string;
  readonly logs: readonly Pick<Monitor, 'round'>[];
  readonly logged: Pick<LoggedKeys, 'list'>;
  readonly fetch: FetchLike;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

const VIEW_BYTES = 64 * 1024 * 1024;
const KEY_SET_BYTES = 1024 * 1024;
/** Key sets asked for in one look; the others have their turn in the next ones. */
const MOST_KEY_SETS = 100;
const PARALLEL = 4;

/** @returns a function that takes one look and never rejects */
export function observeHouse(sources: HouseSources): () => Promise<Look> {
  let turn = 0;
  let reading: Promise<LogsRead> | undefined;
  // The first reading of a long log takes longer than a look may: it goes on behind.
  const readOn = (): Promise<LogsRead> => {
    reading ??= readLogs(sources.logs).finally(() => {
      reading = undefined;
    });
    return Promise.race([reading, wait(sources.timeoutMs, { logsRead: false }, { ref: false })]);
  };
  return async () => {
    const { clock, logged } = sources;
    const [asked, log] = await Promise.all([askHouse(sources), readOn()]);
    // Of issuers that show keys: a realm that has none makes some when it is asked for them.
    const shown = asked.view?.keys.filter(isShown) ?? [];
    const issuers = [...new Set(shown.map(({ issuer }) => issuer))];
    const due = Array.from({ length: Math.min(MOST_KEY_SETS, issuers.length) }, (_, at) => {
      return issuers[(turn + at) % issuers.length] ?? '';
    });
    turn += due.length;
    const keySets = await readKeySets(sources, due);
    return {
      nowMs: clock.nowMs(),
      monotonicMs: performance.now(),
      ...asked,
      keySets,
      ...log,
      logged: logged.list(),
      ...(sources.issuers === undefined ? {} : { issuers: sources.issuers }),
    };
  };
}

async function askHouse(
  sources: HouseSources,
): Promise<{ view: HouseView | undefined; failure?: string }> {
  const { viewUrls, credential } = sources;
  const headers: Record<string, string> = {
    // The key status may be cached; what a cache still says of a rotator that died is no sign of life.
    'cache-control': 'no-cache',
    ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
  };
  try {
    const views: HouseView[] = [];
    for (const url of viewUrls) {
      const text = new TextDecoder().decode(await read(sources, url, VIEW_BYTES, headers));
      views.push(parseHouseView(text));
    }
    const [first] = views;
    return {
      view: {
        atMs: first?.atMs,
        rotator: first?.rotator,
        keys: views.flatMap(({ keys }) => keys),
        partly: views.flatMap(({ partly = [] }) => partly),
      },
    };
  } catch (error) {
    return { view: undefined, failure: messageOf(error) };
  }
}

type LogsRead = Pick<Look, 'logsRead' | 'logFailure'>;

async function readLogs(logs: HouseSources['logs']): Promise<LogsRead> {
  const failures: string[] = [];
  let whole = true;
  for (const log of logs) {
    try {
      const { alarms, size, readEntries, origin } = await log.round();
      whole &&= size !== undefined && readEntries >= size;
      failures.push(...alarms.map(({ code }) => `${origin}: ${code}`));
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  const [first] = failures;
  if (first === undefined) return { logsRead: whole };
  return { logsRead: false, logFailure: first };
}

async function readKeySets(
  sources: HouseSources,
  issuers: readonly string[],
): Promise<Look['keySets']> {
  const keySets = new Map<string, ReadonlySet<string> | undefined>();
  const left = [...issuers];
  const work = async (): Promise<void> => {
    for (let issuer = left.pop(); issuer !== undefined; issuer = left.pop()) {
      try {
        const bytes = await read(sources, sources.keySetUrl(issuer), KEY_SET_BYTES, {});
        keySets.set(issuer, kidsOf(bytes));
      } catch {
        // Undefined is what a look says of a key set that could not be read.
        keySets.set(issuer, undefined);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return keySets;
}

async function read(
  { fetch, timeoutMs }: HouseSources,
  url: string,
  maxBytes: number,
  headers: Record<string, string>,
): Promise<Uint8Array> {
  const { status, bytes } = await fetchBounded(url, { fetch, timeoutMs, maxBytes, headers });
  if (status === 200) return bytes;
  throw refusal('house_answer_malformed', `It answered ${status}.`);
}

/** All kids of a JWKS, those that we could not use included: a key slipped in need not be well made. */
function kidsOf(bytes: Uint8Array): Set<string> {
  const body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as {
    keys?: { kid?: unknown }[];
  };
  if (!Array.isArray(body?.keys)) throw refusal('house_answer_malformed', 'It is no key set.');
  return new Set(body.keys.map((key) => (typeof key?.kid === 'string' ? key.kid : '(no kid)')));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
