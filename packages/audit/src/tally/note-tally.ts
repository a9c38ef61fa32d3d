// Keeps the account of each key as its journal is judged, in the transaction that moves the cursor:
// which numbers have been seen, and which of them have no ledger row and why. From then on nothing may
// change about them, and `check-account.ts` sees to it that nothing does.

import type { Kysely } from 'kysely';
import type { NumberedItem } from '../classify/match-numbers.ts';
import type { FindingDraft } from '../reconcile/finding.ts';
import type { FollowedJournal } from '../reconcile/sources.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { AuditTables, KeyTallyRow } from '../tables.ts';
import { describeDifference, expandRanges } from './describe-difference.ts';
import { countRuns, type KeyRun } from './sum-key-runs.ts';

export interface UnusedSignature extends NumberedItem {
  reason: 'abandoned' | 'interrupted' | 'unissued';
}

export interface JudgedNumbers {
  runs: readonly KeyRun[];
  unused: readonly UnusedSignature[];
  /** Realm and issuer of keys whose tokens were seen. */
  owners: ReadonlyMap<string, { realm: string; issuer: string }>;
}

/** Resolves with what does not add up. */
export async function noteTally(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  journal: FollowedJournal,
  { runs, unused, owners }: JudgedNumbers,
): Promise<FindingDraft[]> {
  const drafts: FindingDraft[] = [];
  for (const item of unused) await noteUnused(room, tx, item);
  for (const [kid, ofKey] of Map.groupBy(runs, (run) => run.kid)) {
    drafts.push(...(await continueTally(room, tx, journal, { kid, runs: ofKey, owners })));
  }
  return drafts;
}

async function noteUnused(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  { kid = '', keyNumber = 0, number, reason }: UnusedSignature,
): Promise<void> {
  await tx
    .insertInto('unused_signature')
    .values({
      ...{ kid, key_number: keyNumber, journal_number: number, reason },
      recorded_ms: room.clock.nowMs(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

interface RunsOfKey extends Pick<JudgedNumbers, 'owners'> {
  kid: string;
  runs: readonly KeyRun[];
}

async function continueTally(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  journal: FollowedJournal,
  { kid, runs, owners }: RunsOfKey,
): Promise<FindingDraft[]> {
  const known = await tx
    .selectFrom('key_tally')
    .selectAll()
    .where('kid', '=', kid)
    .executeTakeFirst();
  const owner = owners.get(kid);
  const issuer = known?.issuer ?? owner?.issuer ?? null;
  const realm = known?.realm ?? owner?.realm ?? null;
  const signer = room.signers.names[journal.number];
  const facts = { kid, issuer, realm, signer };
  if (known !== undefined && known.signer !== journal.number) {
    const numbers = expandRanges(runs);
    return [describeDifference(room, { ...facts, difference: 'key_in_two_journals', numbers })];
  }
  const seen = runs[0]?.first ?? 1;
  const start = known?.next_number ?? (await firstNumber(tx, journal, known, seen));
  const { next, leftOut, twice } = countRuns(start, runs);
  await tx
    .insertInto('key_tally')
    .values({ kid, signer: journal.number, issuer, realm, first_number: start, next_number: next })
    .onConflict((conflict) =>
      conflict.column('kid').doUpdateSet(({ ref, fn }) => ({
        issuer: ref('excluded.issuer'),
        realm: ref('excluded.realm'),
        next_number: ref('excluded.next_number'),
        first_number: fn.coalesce('key_tally.first_number', 'excluded.first_number'),
      })),
    )
    .execute();
  await skipLeftOut(room, tx, kid, leftOut);
  return [
    ...differenceOf('journal_left_out', leftOut),
    ...differenceOf('number_used_twice', twice),
  ];

  function differenceOf(
    difference: 'journal_left_out' | 'number_used_twice',
    ranges: readonly { first: number; last: number }[],
  ): FindingDraft[] {
    if (ranges.length === 0) return [];
    return [describeDifference(room, { ...facts, difference, numbers: expandRanges(ranges) })];
  }
}

/**
 * A key signs from 1 on. Of keys from before there was a tally it is counted what comes next; how
 * often those can have signed is known.
 */
async function firstNumber(
  tx: Kysely<AuditTables>,
  journal: FollowedJournal,
  known: KeyTallyRow | undefined,
  seen: number,
): Promise<number> {
  if (known !== undefined) return seen;
  if (journal.number !== 0) return 1;
  const began = await tx
    .selectFrom('follower_cursor')
    .select('position')
    .where('name', '=', 'tally')
    .executeTakeFirst();
  return seen <= (began?.position ?? 1) ? seen : 1;
}

/** Told of once: a number that the journal leaves out is not missed again at every count. */
async function skipLeftOut(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  kid: string,
  leftOut: readonly { first: number; last: number }[],
): Promise<void> {
  const numbers = expandRanges(leftOut);
  for (const keyNumber of numbers) {
    await noteUnused(room, tx, { kid, keyNumber, number: 0, hash: '', reason: 'unissued' });
  }
  // More than anyone wants to name: the account goes on behind them.
  const behind = leftOut.findLast(({ last }) => last > (numbers.at(-1) ?? last));
  if (behind === undefined) return;
  await tx
    .updateTable('key_tally')
    .set({ first_number: behind.last + 1 })
    .where('kid', '=', kid)
    .execute();
}
