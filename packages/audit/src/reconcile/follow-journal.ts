// issued = signed: every number of the signer's journal must have the ledger row of the token it
// signed. A number without one is a signature that somebody else asked for.

import type { Kysely } from 'kysely';
import { describeNumbers, matchNumbers, type NumberedItem } from '../classify/match-numbers.ts';
import { hashBytes, hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { recordEvents } from '../store/record-events.ts';
import type { AuditTables } from '../tables.ts';
import { countKeyUses, describeKeyUses, type KeyUse } from './count-key-uses.ts';
import type { FindingDraft } from './finding.ts';
import { moveCursor } from './move-cursor.ts';
import { raiseFinding } from './raise-finding.ts';

export interface JudgedSignatures {
  /** Journal entries that have no ledger row and no excuse. */
  missing: NumberedItem[];
  drafts: FindingDraft[];
  used: KeyUse[];
  next: number;
}

export const MOST_SIGNATURES = 500;

export async function judgeSignatures(
  room: AuditRoom,
  from: number,
  entries: readonly { number: number; kid: string; signingInputHash: string }[],
): Promise<JudgedSignatures> {
  const items = entries.map(({ number, kid, signingInputHash }) => ({
    number,
    kid,
    hash: signingInputHash,
  }));
  const next = (items.at(-1)?.number ?? from - 1) + 1;
  const rows = await room.store.read
    .selectFrom('issued_token')
    .select(['journal_number', 'kid', 'signing_input_hash', 'realm', 'issuer'])
    .where('journal_number', '>=', from)
    .where('journal_number', '<', next)
    .execute();
  const ledger = new Map(
    rows.map((row) => [
      row.journal_number,
      { number: row.journal_number, kid: row.kid, hash: hexOf(row.signing_input_hash) },
    ]),
  );
  const { missing, differing, gaps } = matchNumbers(from, items, ledger);
  return {
    missing,
    drafts: [
      ...differing.map((item) => broken(room, 'signature_differs', item.number, item.kid)),
      ...gaps.map((number) => broken(room, 'journal_gap', number, undefined)),
    ],
    used: countKeyUses(items, new Map(rows.map((row) => [row.kid, row]))),
    next,
  };
}

export async function settleSignatures(
  room: AuditRoom,
  from: number,
  judged: JudgedSignatures,
): Promise<void> {
  await room.store.transaction(async (tx) => {
    const missing = await withoutOwnSignatures(room, tx, judged.missing);
    for (const draft of unissuedSignatures(room, missing)) await raiseFinding(room, tx, draft);
    for (const draft of judged.drafts) await raiseFinding(room, tx, draft);
    await recordEvents(room, describeKeyUses(judged.used, room.clock.nowMs()), tx);
    await moveCursor(room, tx, 'journal', from, judged.next);
  });
}

/** The same for signatures; read inside the transaction, where late ledger rows are seen too. */
export async function withoutOwnSignatures(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  missing: readonly NumberedItem[],
): Promise<NumberedItem[]> {
  if (missing.length === 0) return [];
  const numbers = missing.map(({ number }) => number);
  const inputs = missing.map(({ hash }) => hashBytes(hash));
  const late = await tx
    .selectFrom('issued_token')
    .select('journal_number')
    .where('journal_number', 'in', numbers)
    .execute();
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
  const excused = new Set([...late, ...byNumber].map((row) => row.journal_number));
  const excusedInputs = new Set(
    byInput.flatMap((row) => (row.signing_input_hash ? [hexOf(row.signing_input_hash)] : [])),
  );
  return missing.filter(
    ({ number, hash }) =>
      !excused.has(number) && !excusedInputs.has(hash) && !room.expected.hasSigningInput(hash),
  );
}

/** One finding a key, naming all its numbers. */
export function unissuedSignatures(
  room: AuditRoom,
  missing: readonly NumberedItem[],
): FindingDraft[] {
  const byKey = Map.groupBy(missing, ({ kid }) => kid ?? '');
  return [...byKey].map(([kid, items]) => {
    const numbers = items.map(({ number }) => number);
    const first = numbers[0] ?? 0;
    return {
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
      token: { kind: 'other', kid, journalNumber: first },
      extra: { count: numbers.length, numbers: describeNumbers(numbers) },
    };
  });
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
    token: { kind: 'other', journalNumber: number, ...(kid === undefined ? {} : { kid }) },
  };
}
