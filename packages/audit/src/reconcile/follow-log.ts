// issued = logged: every leaf of the log must have the ledger row that its token was released with,
// and each such row must descend from what it says it does.

import { hashLeaf } from '@countersign/verifier';
import type { RealmId } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { classifyLineage } from '../classify/classify-lineage.ts';
import { describeNumbers, matchNumbers, type NumberedItem } from '../classify/match-numbers.ts';
import { hashBytes, hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/numbered-places.ts';
import type { AuditTables } from '../tables.ts';
import type { CrashExcuse } from './excuse-crashes.ts';
import type { FindingDraft } from './finding.ts';
import { judgeAnchorLeaves } from './judge-anchor-leaves.ts';
import { judgeKeyLeaves } from './judge-key-leaves.ts';
import { type FollowerName, moveCursor } from './move-cursor.ts';
import { noteInterrupted, splitInFlight } from './note-interrupted.ts';
import { raiseFinding } from './raise-finding.ts';
import { type LedgerLeaf, lineageFactsOf, readLedgerLeaves } from './read-ledger-leaves.ts';
import type { ReconcilerSources } from './sources.ts';

export interface JudgedLeaves {
  /** Leaves of tokens that have no ledger row and no excuse. */
  missing: NumberedItem[];
  drafts: FindingDraft[];
  /** The index after the last one judged. */
  next: number;
}

/** Leaves looked at in one go: few, because the queries of a page keep everybody else waiting. */
export const MOST_LEAVES = 250;
/** A leaf that was logged twice by a retry lies at most this far from its twin. */
const TWIN_DISTANCE = 10_000;

/** Judges the entries that begin at the place `from`, without writing anything. */
export async function judgeLeaves(
  room: AuditRoom,
  from: number,
  entries: readonly Uint8Array[],
  sources: Pick<ReconcilerSources, 'listOwnKeys' | 'anchors'>,
): Promise<JudgedLeaves> {
  const items = entries.map((entry, offset) => ({
    number: from + offset,
    hash: hexOf(hashLeaf(entry)),
  }));
  const next = from + entries.length;
  const rows = await readLedgerLeaves(room, from, next);
  const ledger = new Map(
    rows.map((row) => [row.log_index, { number: row.log_index, hash: hexOf(row.leaf_hash) }]),
  );
  const { missing, differing } = matchNumbers(from, items, ledger);
  const anchors = await judgeAnchorLeaves(room, from, entries, missing, sources.anchors);
  const { tokens, drafts } = await judgeKeyLeaves(room, from, entries, anchors.others, sources);
  return {
    missing: await withoutTwins(room, tokens),
    drafts: [
      ...anchors.drafts,
      ...drafts,
      ...differing.map((item) => differingLeaf(room, item)),
      ...rows.flatMap((row) => launderedToken(room, row)),
    ],
    next,
  };
}

/**
 * Writes what was found and moves the cursor, all in one transaction. False when a ledger row came
 * after we had looked: then nothing was written and the same leaves must be judged again.
 */
export async function settleLeaves(
  room: AuditRoom,
  { cursor, excuse }: { cursor: FollowerName; excuse?: CrashExcuse | undefined },
  from: number,
  judged: JudgedLeaves,
): Promise<boolean> {
  return await room.store.transaction(async (tx) => {
    if (await rowsCameLate(tx, judged.missing)) return false;
    const missing = await withoutOwnBuilds(room, tx, judged.missing);
    const { cut, unissued } =
      excuse === undefined
        ? { cut: [], unissued: missing }
        : splitInFlight(missing, excuse.height, excuse.mostInFlight, excuse.below);
    if (unissued.length > 0) await raiseFinding(room, tx, unissuedLeaves(room, unissued));
    await noteInterrupted(room, tx, 'log', cut);
    for (const draft of judged.drafts) await raiseFinding(room, tx, draft);
    await moveCursor(room, tx, cursor, from, judged.next);
    return true;
  });
}

/** Asked inside the transaction: a row that was on its way when we first looked is here by now. */
async function rowsCameLate(
  tx: Kysely<AuditTables>,
  missing: readonly NumberedItem[],
): Promise<boolean> {
  if (missing.length === 0) return false;
  const late = await tx
    .selectFrom('issued_token')
    .select('log_index')
    .where(
      'log_index',
      'in',
      missing.map(({ number }) => number),
    )
    .limit(1)
    .executeTakeFirst();
  return late !== undefined;
}

/** What is left when our own unfinished and abandoned builds are taken out. */
export async function withoutOwnBuilds(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  missing: readonly NumberedItem[],
): Promise<NumberedItem[]> {
  if (missing.length === 0) return [];
  const rows = await tx
    .selectFrom('abandoned_build')
    .select('leaf_hash')
    .where(
      'leaf_hash',
      'in',
      missing.map(({ hash }) => hashBytes(hash)),
    )
    .execute();
  const abandoned = new Set(rows.map((row) => hexOf(row.leaf_hash)));
  return missing.filter(({ hash }) => !abandoned.has(hash) && !room.expected.hasLeaf(hash));
}

async function withoutTwins(
  room: AuditRoom,
  missing: readonly NumberedItem[],
): Promise<NumberedItem[]> {
  const [first] = missing;
  const last = missing.at(-1);
  if (first === undefined || last === undefined) return [];
  const twins = await room.store.read
    .selectFrom('issued_token')
    .select('leaf_hash')
    .where('log_index', '>=', first.number - TWIN_DISTANCE)
    .where('log_index', '<=', last.number + TWIN_DISTANCE)
    .where(
      'leaf_hash',
      'in',
      missing.map(({ hash }) => hashBytes(hash)),
    )
    .execute();
  const issued = new Set(twins.map((row) => hexOf(row.leaf_hash)));
  return missing.filter(({ hash }) => !issued.has(hash));
}

export function unissuedLeaves(room: AuditRoom, missing: readonly NumberedItem[]): FindingDraft {
  const numbers = missing.map(({ number }) => number);
  const first = numbers[0] ?? 0;
  return {
    verdict: {
      class: 'unissued',
      reason: 'logged_but_not_issued',
      severity: 'high',
      proven: true,
      message:
        'The log holds leaves of tokens that we never issued: a submission credential is in other hands.',
    },
    subjectKey: `log:${first}`,
    count: numbers.length,
    happenedMs: room.clock.nowMs(),
    token: { kind: 'other', ...room.logs.describe(first) },
    extra: { count: numbers.length, numbers: describeNumbers(numbers.map(indexOf)) },
  };
}

function differingLeaf(room: AuditRoom, item: NumberedItem): FindingDraft {
  return {
    verdict: {
      class: 'forked',
      reason: 'leaf_differs',
      severity: 'critical',
      proven: true,
      message: 'The log holds another leaf at an index than the one it gave a receipt for.',
    },
    subjectKey: `log:${item.number}`,
    count: 1,
    happenedMs: room.clock.nowMs(),
    token: { kind: 'other', ...room.logs.describe(item.number) },
    extra: { leafHash: item.hash },
  };
}

function launderedToken(room: AuditRoom, row: LedgerLeaf): FindingDraft[] {
  const verdict = classifyLineage(lineageFactsOf(row));
  if (verdict === undefined) return [];
  const tokenHash = hexOf(row.token_hash);
  return [
    {
      verdict,
      subjectKey: `token:${tokenHash}`,
      count: 1,
      happenedMs: row.recorded_ms,
      realm: row.realm as RealmId,
      token: {
        kind: 'other',
        tokenHash,
        jtiHash: hexOf(row.jti_hash),
        issuer: row.issuer,
        kid: row.kid,
        typ: row.typ,
        ...room.logs.describe(row.log_index),
        rootAuthId: row.root_auth_id,
        ...(row.subject === null ? {} : { subject: row.subject }),
        ...(row.parent_jti_hash === null ? {} : { parentJtiHash: hexOf(row.parent_jti_hash) }),
      },
    },
  ];
}
