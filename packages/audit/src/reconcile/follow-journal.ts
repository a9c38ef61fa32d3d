// issued = signed: every number of a signer's journal must have the ledger row of the token it signed.
// A number without one is a signature that somebody else asked for.

import type { Kysely } from 'kysely';
import { describeNumbers, matchNumbers, type NumberedItem } from '../classify/match-numbers.ts';
import { hashBytes, hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/numbered-places.ts';
import { recordEvents } from '../store/record-events.ts';
import type { AuditTables } from '../tables.ts';
import { describeDifference } from '../tally/describe-difference.ts';
import { noteTally, type UnusedSignature } from '../tally/note-tally.ts';
import { addKeyRuns, type KeyRun } from '../tally/sum-key-runs.ts';
import { addKeyUses, countKeyUses, describeKeyUses, type KeyUse } from './count-key-uses.ts';
import type { CrashExcuse } from './excuse-crashes.ts';
import type { FindingDraft } from './finding.ts';
import { moveCursor } from './move-cursor.ts';
import { noteInterrupted, splitInFlight } from './note-interrupted.ts';
import { raiseFinding } from './raise-finding.ts';
import type { FollowedJournal, JournalledSignature } from './sources.ts';

export interface JudgedSignatures {
  /** Journal entries that have no ledger row and no excuse. */
  missing: NumberedItem[];
  drafts: FindingDraft[];
  used: KeyUse[];
  /** Which numbers of which keys there were. */
  runs: KeyRun[];
  /** The place after the last one judged. */
  next: number;
}

export const MOST_SIGNATURES = 500;

/** Judges the entries that begin at the place `from`, without writing anything. */
export async function judgeSignatures(
  room: AuditRoom,
  { firstPlace }: FollowedJournal,
  from: number,
  entries: readonly JournalledSignature[],
): Promise<JudgedSignatures> {
  const items = entries.map(({ number, keyNumber, kid, signingInputHash }) => ({
    ...{ number: firstPlace + number, keyNumber, kid },
    hash: signingInputHash,
  }));
  const next = (items.at(-1)?.number ?? from - 1) + 1;
  const rows = await room.store.read
    .selectFrom('issued_token')
    .select(['journal_number', 'key_number', 'kid', 'signing_input_hash', 'realm', 'issuer'])
    .where('journal_number', '>=', from)
    .where('journal_number', '<', next)
    .execute();
  const ledger = new Map(
    rows.map(({ journal_number: number, key_number: keyNumber, kid, signing_input_hash }) => [
      number,
      { number, keyNumber, kid, hash: hexOf(signing_input_hash) },
    ]),
  );
  const { missing, differing, gaps } = matchNumbers(from, items, ledger);
  return {
    missing,
    drafts: [
      ...differing.map((item) => differs(room, item, ledger.get(item.number))),
      ...gaps.map((number) => broken(room, 'journal_gap', number, undefined)),
    ],
    used: countKeyUses(items, new Map(rows.map((row) => [row.kid, row]))),
    runs: addKeyRuns([], items),
    next,
  };
}

/** Two successive pages as one. */
export function joinSignatures(
  earlier: JudgedSignatures | undefined,
  later: JudgedSignatures,
): JudgedSignatures {
  if (earlier === undefined) return later;
  return {
    missing: [...earlier.missing, ...later.missing],
    drafts: [...earlier.drafts, ...later.drafts],
    used: addKeyUses(earlier.used, later.used),
    runs: [...earlier.runs, ...later.runs],
    next: later.next,
  };
}

/** Writes what was found and moves the cursor, all in one transaction. */
export async function settleSignatures(
  room: AuditRoom,
  journal: FollowedJournal,
  from: number,
  judged: JudgedSignatures,
  excuse: CrashExcuse | undefined,
): Promise<void> {
  await room.store.transaction(async (tx) => {
    const { open, own } = await sortMissing(room, tx, judged.missing);
    const { cut, unissued } =
      excuse === undefined
        ? { cut: [], unissued: open }
        : splitInFlight(open, excuse.height, excuse.mostInFlight, excuse.below);
    await noteInterrupted(room, tx, 'journal', cut);
    const unused: UnusedSignature[] = [
      ...own.map((item) => ({ ...item, reason: 'abandoned' as const })),
      ...cut.map((item) => ({ ...item, reason: 'interrupted' as const })),
      ...unissued.map((item) => ({ ...item, reason: 'unissued' as const })),
    ];
    const owners = new Map(
      judged.used.flatMap(({ kid, owner }) => (owner === undefined ? [] : [[kid, owner] as const])),
    );
    const { runs } = judged;
    const drafts = [
      ...unissuedSignatures(room, unissued),
      ...judged.drafts,
      ...(await noteTally(room, tx, journal, { runs, unused, owners })),
    ];
    for (const draft of drafts) await raiseFinding(room, tx, draft);
    await recordEvents(room, describeKeyUses(room, judged.used), tx);
    await moveCursor(room, tx, journal.cursor, from, judged.next);
  });
}

interface SortedSignatures {
  /** Our own builds, unfinished or given up. */
  own: NumberedItem[];
  /** What nobody accounts for. */
  open: NumberedItem[];
}

/** Read inside the transaction, where late ledger rows are seen too: those are missing no more. */
async function sortMissing(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  missing: readonly NumberedItem[],
): Promise<SortedSignatures> {
  const sorted: SortedSignatures = { own: [], open: [] };
  if (missing.length === 0) return sorted;
  const numbers = missing.map(({ number }) => number);
  const late = await tx
    .selectFrom('issued_token')
    .select('journal_number')
    .where('journal_number', 'in', numbers)
    .execute();
  const rows = new Set(late.map((row) => row.journal_number));
  const excused = await findAbandoned(tx, missing);
  for (const item of missing) {
    if (rows.has(item.number)) continue;
    const { number, hash } = item;
    const known = excused.has(number) || excused.has(hash) || room.expected.hasSigningInput(hash);
    (known ? sorted.own : sorted.open).push(item);
  }
  return sorted;
}

/** Places and hashes of signing inputs of builds that were given up. */
async function findAbandoned(
  tx: Kysely<AuditTables>,
  missing: readonly NumberedItem[],
): Promise<ReadonlySet<number | string | null>> {
  const numbers = missing.map(({ number }) => number);
  const inputs = missing.map(({ hash }) => hashBytes(hash));
  const byNumber = await tx
    .selectFrom('abandoned_build')
    .select('journal_number')
    .where('journal_number', 'in', numbers)
    .execute();
  const byInput = await tx
    .selectFrom('abandoned_build')
    .select('signing_input_hash')
    .where('signing_input_hash', 'in', inputs)
    .execute();
  return new Set([
    ...byNumber.map((row) => row.journal_number),
    ...byInput.flatMap((row) => (row.signing_input_hash ? [hexOf(row.signing_input_hash)] : [])),
  ]);
}

/** Two findings a key: which signatures of the journal, and which of the key. */
function unissuedSignatures(room: AuditRoom, missing: readonly NumberedItem[]): FindingDraft[] {
  const byKey = Map.groupBy(missing, ({ kid }) => kid ?? '');
  return [...byKey].flatMap(([kid, items]) => {
    const numbers = items.map(({ number }) => indexOf(number));
    const first = items[0]?.number ?? 0;
    const place = room.signers.describe(first);
    const unissued: FindingDraft = {
      verdict: {
        class: 'unissued',
        reason: 'signed_but_not_issued',
        severity: 'critical',
        proven: true,
        message: 'The signer made signatures for tokens that we never issued.',
      },
      subjectKey: `journal:${kid}:${first}`,
      count: numbers.length,
      happenedMs: room.clock.nowMs(),
      token: { kind: 'other', kid, ...place },
      extra: { count: numbers.length, numbers: describeNumbers(numbers) },
    };
    const ofKey = items.flatMap(({ keyNumber }) => keyNumber ?? []);
    const { signer } = place;
    const difference = 'signature_without_token';
    return [unissued, describeDifference(room, { kid, difference, numbers: ofKey, signer })];
  });
}

function differs(room: AuditRoom, item: NumberedItem, row: NumberedItem | undefined): FindingDraft {
  const { kid = '', number, keyNumber = 0, hash } = item;
  if (row?.kid !== kid || row.hash !== hash) return broken(room, 'signature_differs', number, kid);
  const { signer } = room.signers.describe(number);
  const difference = 'key_number_differs';
  return describeDifference(room, { kid, difference, numbers: [keyNumber], signer });
}

function broken(
  room: AuditRoom,
  reason: string,
  number: number,
  kid: string | undefined,
): FindingDraft {
  return {
    verdict: {
      class: 'forked',
      reason,
      severity: 'critical',
      proven: true,
      message: 'The signer’s journal does not hold what it once numbered.',
    },
    subjectKey: `journal:${number}`,
    count: 1,
    happenedMs: room.clock.nowMs(),
    token: {
      kind: 'other',
      ...room.signers.describe(number),
      ...(kid === undefined ? {} : { kid }),
    },
  };
}
