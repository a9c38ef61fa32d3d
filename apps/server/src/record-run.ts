// A run of the server on its own record: that the record is kept from here on, what was different in the
// settings of the run before, and, in good order, that it is kept no longer. A start that follows no stop
// tells of a crash, and of how long nothing was recorded.

import type { Audit } from '@countersign/audit';
import type { ActorFacts, Clock, CountersignEvent, ExtraFacts } from '@countersign/vocabulary';
import type { Logger } from 'pino';

export interface RunParts {
  audit: Pick<Audit, 'record' | 'listEvents'>;
  clock: Clock;
  settings: object;
  log: Pick<Logger, 'error'>;
  /** Default 5,000. */
  retryMs?: number;
}

const HOUSE: ActorFacts = { kind: 'system', id: 'server' };

const RETRY_MS = 5_000;

/**
 * A store that takes nothing now keeps no house closed: without it no token is issued, but key sets and the
 * log are still read. The start is on record as soon as it can be.
 */
export async function openRun(parts: RunParts): Promise<{ close(): Promise<void> }> {
  let timer: NodeJS.Timeout | undefined;
  const begin = async (): Promise<void> => {
    try {
      await recordStart(parts);
    } catch (err) {
      parts.log.error({ err }, 'the start is not on record; it is tried again');
      timer = setTimeout(begin, parts.retryMs ?? RETRY_MS).unref();
    }
  };
  await begin();
  return {
    async close() {
      clearTimeout(timer);
      await recordStop(parts).catch((err: unknown) =>
        parts.log.error({ err }, 'the stop is not on record'),
      );
    },
  };
}

async function recordStart({ audit, clock, settings }: RunParts): Promise<void> {
  const [last] = await audit.listEvents(newestOf(['audit.started', 'audit.stopped']));
  const timeMs = clock.nowMs();
  const started: CountersignEvent = {
    name: 'audit.started',
    timeMs,
    actor: HOUSE,
    extra: {
      pid: process.pid,
      cleanStop: last === undefined || last.name === 'audit.stopped',
      ...(last === undefined ? {} : { silentMs: Math.max(0, timeMs - last.timeMs) }),
    },
  };
  await audit.record([started, ...(await describeSettingsChange({ audit, clock, settings }))]);
}

async function recordStop({ audit, clock }: RunParts): Promise<void> {
  const timeMs = clock.nowMs();
  await audit.record([{ name: 'audit.stopped', timeMs, actor: HOUSE, reason: 'shutdown' }]);
}

async function describeSettingsChange({
  audit,
  clock,
  settings,
}: Omit<RunParts, 'log'>): Promise<CountersignEvent[]> {
  const now = flatten(settings);
  const [last] = await audit.listEvents(newestOf(['log.config_changed']));
  const { countersign } = (last?.ocsf['unmapped'] ?? {}) as {
    countersign?: { extra?: ExtraFacts };
  };
  const before = countersign?.extra ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const changed = names.filter((name) => before[name] !== now[name]);
  if (changed.length === 0) return [];
  return [
    {
      name: 'log.config_changed',
      timeMs: clock.nowMs(),
      actor: HOUSE,
      ...(last === undefined
        ? {}
        : { change: { before: pick(before, changed), after: pick(now, changed) } }),
      count: changed.length,
      extra: now,
    },
  ];
}

function newestOf(names: CountersignEvent['name'][]) {
  return { names, limit: 1, beforeSequence: Number.MAX_SAFE_INTEGER };
}

const LONGEST_TEXT = 120;
const MOST_CHARACTERS = 3_500;
/** Where a secret is, or is read from, is nobody's to read. */
const SECRET = /secret|passphrase|password|token|pin$|credential|private/i;

/** Scalars by their path; secrets, functions and keys are left out. */
function flatten(settings: object): ExtraFacts {
  const facts: ExtraFacts = {};
  let characters = 2;
  const add = (path: string, value: unknown): void => {
    if (SECRET.test(path) || value === undefined || typeof value === 'function') return;
    if (ArrayBuffer.isView(value)) return;
    if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value))
        add(path === '' ? name : `${path}.${name}`, part);
      return;
    }
    const long = typeof value === 'string' || typeof value === 'bigint';
    const fact = long ? String(value).slice(0, LONGEST_TEXT) : (value as number);
    characters += JSON.stringify([path, fact]).length;
    if (characters < MOST_CHARACTERS) facts[path] = fact;
  };
  add('', settings);
  return facts;
}

function pick(facts: ExtraFacts, names: readonly string[]): ExtraFacts {
  return Object.fromEntries(names.flatMap((name) => (name in facts ? [[name, facts[name]!]] : [])));
}
