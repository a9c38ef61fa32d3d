// Texts of foreign records → events in a tenant's log. What a client made of them is not asked: the
// server reads and maps each text itself. Between portions everybody else gets a turn.

import { setImmediate as turn } from 'node:timers/promises';
import type { Audit, ImportBatch, ImportedRecord, ImportOutcome } from '@countersign/audit';
import {
  type JsonObject,
  maskText,
  parseRecord,
  RecordMapper,
  type SourceName,
} from '@countersign/sources';

/** Events of one transaction: with half as many, each of them costs about a fifth more to write. */
const EVENTS_EACH = 500;
/** Texts that are mapped, in some 5 ms, before everybody else gets a turn. */
const TEXTS_EACH = 125;

export interface TextProblem {
  /** Place in what was sent, counted from 0. */
  index: number;
  code: 'not_json' | 'not_an_object';
}

export interface TextsImported extends ImportOutcome {
  /** Events by source, also those that were known. */
  sources: Record<string, number>;
  problems: TextProblem[];
}

export interface TextsToImport extends Omit<ImportBatch, 'records' | 'unreadable'> {
  texts: readonly string[];
  /** For records that no source recognises; they are mapped as this one all the same. */
  source?: SourceName | undefined;
  /** Records that the client could not read. Default 0. */
  unreadable?: number;
}

export async function importTexts(
  audit: Pick<Audit, 'recordImported'>,
  { texts, source, ...batch }: TextsToImport,
): Promise<TextsImported> {
  const mapper = new RecordMapper(source);
  const sum: TextsImported = {
    ...{ recorded: 0, known: 0, unmapped: 0, future: 0, truncated: 0 },
    sources: {},
    problems: [],
  };
  const pending: ImportedRecord[] = [];
  const write = async (count: number, last: boolean): Promise<void> => {
    const outcome = await audit.recordImported({
      ...batch,
      records: pending.splice(0, count),
      unreadable: last ? (batch.unreadable ?? 0) + sum.problems.length : 0,
      done: last && batch.done === true,
    });
    for (const name of Object.keys(outcome) as (keyof ImportOutcome)[]) sum[name] += outcome[name];
    await turn();
  };
  for (const [index, text] of texts.entries()) {
    if (index % TEXTS_EACH === TEXTS_EACH - 1) await turn();
    const parsed = parseRecord(text);
    if (parsed?.record === undefined) {
      sum.problems.push({ index, code: parsed === undefined ? 'not_json' : 'not_an_object' });
      continue;
    }
    pending.push(...mapAll(mapper, parsed.record, parsed.text, sum.sources));
    while (pending.length >= EVENTS_EACH) await write(EVENTS_EACH, false);
  }
  await write(pending.length, true);
  return sum;
}

function mapAll(
  mapper: RecordMapper,
  record: JsonObject,
  text: string,
  sources: Record<string, number>,
): ImportedRecord[] {
  const { source, events } = mapper.map(record);
  // A session token in a log would be kept with it: what could be used is taken out of the text too.
  const kept = events.length === 0 ? text : maskText(text, record);
  sources[source] = (sources[source] ?? 0) + events.length;
  return events.map(({ key, timeMs, ocsf, facts, recognised }) => ({
    ...{ source, key, timeMs, ocsf, facts, recognised, text: kept },
  }));
}
