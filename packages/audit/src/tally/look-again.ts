// Compares rows that were judged with journal and log once more: who changes a ledger row afterwards
// changes what was signed or logged under its numbers, and those are elsewhere. A page a turn, and a
// pause after each round, so that a small house is looked through every minute and a big one always.

import { hashLeaf } from '@countersign/verifier';
import { hexOf } from '../hex-bytes.ts';
import type { FindingDraft } from '../reconcile/finding.ts';
import { readCursor } from '../reconcile/move-cursor.ts';
import type { FollowedJournal, FollowedLog } from '../reconcile/sources.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf, sourceOf } from '../store/numbered-places.ts';
import { describeDifference } from './describe-difference.ts';

const ROWS_A_TURN = 200;
/** A signer gives no more at once. */
const NUMBERS_A_READ = 1000;
const PAUSE_MS = 60_000;
/** Rows lie close together in their log, as they do in their journal. */
const LEAVES_A_READ = 250;
const MOST_READS = 4;

type Row = Awaited<ReturnType<typeof readRows>>[number];

export class SecondLook {
  readonly #room: AuditRoom;
  readonly #logs: readonly FollowedLog[];
  readonly #journals: readonly FollowedJournal[];
  /** Which journal, and the last place of it that was looked at. */
  #at = 0;
  #after = -1;
  #restMs = Number.NEGATIVE_INFINITY;

  constructor(room: AuditRoom, logs: readonly FollowedLog[], journals: readonly FollowedJournal[]) {
    this.#room = room;
    this.#logs = logs;
    this.#journals = journals;
  }

  /** One turn. @throws whatever the log or the signer threw; the same page is looked at again then */
  async turn(): Promise<FindingDraft[]> {
    const sinceMs = this.#room.clock.nowMs() - this.#restMs;
    const journal = this.#journals[this.#at];
    if (journal === undefined || (sinceMs >= 0 && sinceMs < PAUSE_MS)) return [];
    const rows = await readRows(this.#room, journal, this.#after);
    const last = rows.at(-1);
    if (last === undefined) {
      this.#after = -1;
      this.#at = (this.#at + 1) % this.#journals.length;
      if (this.#at === 0) this.#restMs = this.#room.clock.nowMs();
      return [];
    }
    const differing = new Set(await compareSignatures(journal, rows));
    for (const log of this.#logs) {
      const ofLog = rows.filter((row) => sourceOf(row.log_index) === log.number);
      for (const row of await compareLeaves(this.#room, log, ofLog)) differing.add(row);
    }
    this.#after = last.journal_number;
    return this.#describe([...differing], journal);
  }

  #describe(rows: readonly Row[], journal: FollowedJournal): FindingDraft[] {
    const signer = this.#room.signers.names[journal.number];
    return [...Map.groupBy(rows, ({ kid }) => kid)].map(([kid, ofKey]) => {
      const { issuer, realm } = ofKey[0] as Row;
      const numbers = ofKey.map((row) => row.key_number);
      const facts = { kid, issuer, realm, signer, numbers };
      return describeDifference(this.#room, { ...facts, difference: 'row_differs' });
    });
  }
}

async function readRows(room: AuditRoom, journal: FollowedJournal, after: number) {
  const judged = await readCursor(room, journal.cursor);
  const rows = await room.store.read
    .selectFrom('issued_token')
    .select([
      ...(['journal_number', 'key_number', 'kid', 'signing_input_hash', 'log_index'] as const),
      ...(['leaf_hash', 'issuer', 'realm'] as const),
    ])
    .where('journal_number', '>', Math.max(after, journal.firstPlace))
    .where('journal_number', '<', judged)
    .orderBy('journal_number')
    .limit(ROWS_A_TURN)
    .execute();
  const [first] = rows;
  // Numbers without a row lie between them; what one answer does not reach is of the next turn.
  return rows.filter((row) => row.journal_number < (first?.journal_number ?? 0) + NUMBERS_A_READ);
}

async function compareSignatures(
  { source, firstPlace }: FollowedJournal,
  rows: readonly Row[],
): Promise<Row[]> {
  const first = (rows[0] as Row).journal_number - firstPlace;
  const last = (rows.at(-1) as Row).journal_number - firstPlace;
  const { entries } = await source.readJournal(first, last - first + 1);
  const numbers = new Map(entries.map((entry) => [entry.number, entry]));
  const seenBelow = first + entries.length;
  return rows.filter((row) => {
    const number = row.journal_number - firstPlace;
    const entry = numbers.get(number);
    if (entry === undefined) return number < seenBelow;
    const same = entry.kid === row.kid && entry.keyNumber === row.key_number;
    return !same || entry.signingInputHash !== hexOf(row.signing_input_hash);
  });
}

/** Rows whose leaf the follower of the log has seen. */
async function compareLeaves(
  room: AuditRoom,
  log: FollowedLog,
  ofLog: readonly Row[],
): Promise<Row[]> {
  const judged = await readCursor(room, log.cursor);
  let left = ofLog
    .filter((row) => row.log_index < judged)
    .toSorted((one, other) => one.log_index - other.log_index);
  const differing: Row[] = [];
  for (let reads = 0; reads < MOST_READS && left.length > 0; reads += 1) {
    const from = (left[0] as Row).log_index;
    const limit = Math.min(LEAVES_A_READ, judged - from);
    const { entries } = await log.source.readEntries(indexOf(from), limit);
    const read = left.filter((row) => row.log_index < from + entries.length);
    if (read.length === 0) break;
    for (const row of read) {
      const entry = entries[row.log_index - from];
      if (entry !== undefined && hexOf(hashLeaf(entry)) !== hexOf(row.leaf_hash)) {
        differing.push(row);
      }
    }
    left = left.slice(read.length);
  }
  return differing;
}
