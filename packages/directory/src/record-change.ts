// What was changed here is told in the same transaction: a change without its event, or an event
// without its change, cannot be. Who listens is wired by the server; the directory keeps no events.

import type { ActorFacts, CountersignEvent, ExtraFacts } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { DirectoryParts } from './directory-parts.ts';
import type { DirectoryTables } from './tables.ts';

/** Records events inside the transaction that changes what they are about. */
export type RecordEvents = (
  events: readonly CountersignEvent[],
  tx: Kysely<DirectoryTables>,
) => Promise<unknown>;

/** Where nobody says who acts, the house does. */
const HOUSE: ActorFacts = { kind: 'system', id: 'countersign' };

export async function recordChange(
  { record, clock }: DirectoryParts,
  tx: Kysely<DirectoryTables>,
  event: Omit<CountersignEvent, 'timeMs' | 'actor'>,
  by: ActorFacts = HOUSE,
): Promise<void> {
  await record?.([{ ...event, timeMs: clock.nowMs(), actor: by }], tx);
}

const LONGEST_TEXT = 300;
const MOST_CHARACTERS = 3_000;

type Fact = string | number | boolean | null;

/** Members that differ, each cut to what an event takes: lists are joined, objects are written as JSON. */
export function describeDifference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): { before: ExtraFacts; after: ExtraFacts } {
  const change = { before: {} as ExtraFacts, after: {} as ExtraFacts };
  let characters = 0;
  for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const [was, is] = [factOf(ownOf(before, name)), factOf(ownOf(after, name))];
    if (was === is) continue;
    characters += JSON.stringify([name, was, is]).length;
    if (characters > MOST_CHARACTERS) {
      change.after['more'] = true;
      break;
    }
    if (was !== undefined) change.before[name] = was;
    if (is !== undefined) change.after[name] = is;
  }
  return change;
}

function ownOf(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function factOf(value: unknown): Fact | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text =
    typeof value === 'string'
      ? value
      : Array.isArray(value) && value.every((one) => typeof one === 'string')
        ? value.join(' ')
        : JSON.stringify(value);
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…`.toWellFormed() : text;
}
