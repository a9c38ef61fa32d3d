// The proof of a forgery: a token that verifiers sent along, whose signature we now check ourselves
// under every key we ever had. Good signature and in no ledger: forged. Bad: the token is dropped.

import type { TokenFacts } from '@countersign/vocabulary';
import type { Selectable } from 'kysely';
import { classifyUse } from '../classify/classify-use.ts';
import { hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { EvidenceRow } from '../tables.ts';
import { classifyTripwire } from '../tripwire/classify-tripwire.ts';
import type { DeadKeys } from '../tripwire/dead-keys.ts';
import { draftTrippedUse } from '../tripwire/draft-tripwire.ts';
import { isSameInput, readEvidence } from '../uses/read-evidence.ts';
import type { FindingDraft } from './finding.ts';
import { readCursor } from './move-cursor.ts';
import { raiseFinding } from './raise-finding.ts';
import { whenItHappened } from './read-uses.ts';
import type { EvidenceVerdict, ReconcilerSources } from './sources.ts';

/** Signatures checked in one tick. */
const MOST_CHECKS = 200;

/** Resolves with the errors of checks that gave no answer; those are tried again in later ticks. */
export async function judgeEvidence(
  room: AuditRoom,
  deadKeys: DeadKeys,
  verifyEvidence: ReconcilerSources['verifyEvidence'],
): Promise<unknown[]> {
  const pending = await room.store.read
    .selectFrom('evidence')
    .selectAll()
    .where('state', '=', 'pending')
    // What failed before waits behind what was never tried, so that it cannot hold up anything.
    .orderBy('attempts')
    .orderBy('received_ms')
    .limit(MOST_CHECKS)
    .execute();
  const troubles: unknown[] = [];
  for (const row of pending) {
    let verdict: EvidenceVerdict;
    try {
      verdict = await verifyEvidence(row.token);
    } catch (error) {
      troubles.push(error);
      await postpone(room, row);
      continue;
    }
    if (verdict.signatureValid) await keepProof(room, deadKeys, row, verdict);
    else await dropEvidence(room, row);
  }
  return troubles;
}

async function postpone(room: AuditRoom, { token_hash }: Selectable<EvidenceRow>): Promise<void> {
  await room.store.transaction((tx) =>
    tx
      .updateTable('evidence')
      .set(({ eb }) => ({ attempts: eb('attempts', '+', 1) }))
      .where('token_hash', '=', token_hash)
      .execute(),
  );
}

async function dropEvidence(
  room: AuditRoom,
  { token_hash }: Selectable<EvidenceRow>,
): Promise<void> {
  await room.store.transaction((tx) =>
    tx.deleteFrom('evidence').where('token_hash', '=', token_hash).execute(),
  );
}

async function keepProof(
  room: AuditRoom,
  deadKeys: DeadKeys,
  row: Selectable<EvidenceRow>,
  checked: EvidenceVerdict,
): Promise<void> {
  const proof = await describeProof(room, row, checked);
  const draft = describeForgery(room, proof);
  const tripped = await describeTripped(room, deadKeys, proof);
  await room.store.transaction(async (tx) => {
    // Issued after all: the report overtook the ledger row on another road. Nothing is kept then.
    const issued = await tx
      .selectFrom('issued_token')
      .select('signing_input_hash')
      .where('token_hash', '=', row.token_hash)
      .executeTakeFirst();
    const read = readEvidence(row.token);
    const isGenuine = issued !== undefined && read !== undefined && isSameInput(issued, read);
    if (isGenuine || draft === undefined) {
      await tx.deleteFrom('evidence').where('token_hash', '=', row.token_hash).execute();
      return;
    }
    await raiseFinding(room, tx, draft);
    if (tripped !== undefined) await raiseFinding(room, tx, tripped);
    await tx
      .updateTable('evidence')
      .set({ state: 'proven' })
      .where('token_hash', '=', row.token_hash)
      .execute();
  });
}

interface Proof {
  row: Selectable<EvidenceRow>;
  checked: EvidenceVerdict;
  /** The first use of the token. */
  use: { at_ms: number; received_ms: number; event_uid: string; tenant: string };
  count: number;
}

async function describeProof(
  room: AuditRoom,
  row: Selectable<EvidenceRow>,
  checked: EvidenceVerdict,
): Promise<Proof> {
  const use = await room.store.read
    .selectFrom('use_report')
    .select(['at_ms', 'received_ms', 'event_uid', 'tenant'])
    .where('token_hash', '=', row.token_hash)
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirstOrThrow();
  return { row, checked, use, count: await usesAlreadyJudged(room, row.token_hash) };
}

function describeForgery(
  room: AuditRoom,
  { row, checked, use, count }: Proof,
): FindingDraft | undefined {
  const atMs = whenItHappened(use);
  const verdict = classifyUse(
    { tenant: use.tenant, decision: 'refused', atMs },
    {
      foreignIssuer: false,
      evidence: 'valid',
      strayLeaf: false,
      acceptedBefore: false,
      revocationGraceMs: 0,
    },
  );
  if (verdict === undefined) return undefined;
  const realm =
    checked.issuer === undefined ? undefined : room.ownership.realmOfIssuer(checked.issuer);
  return {
    verdict,
    subjectKey: `token:${hexOf(row.token_hash)}`,
    count,
    happenedMs: atMs,
    reporterId: row.reporter_id,
    causedBy: use.event_uid,
    token: describeToken(hexOf(row.token_hash), checked),
    ...(realm === undefined ? { tenant: use.tenant } : { realm }),
  };
}

/** The key that made the forgery was over: the tripwire, proven. */
async function describeTripped(
  room: AuditRoom,
  deadKeys: DeadKeys,
  { row, checked, use, count }: Proof,
): Promise<FindingDraft | undefined> {
  const { kid = '' } = checked;
  const key = (await deadKeys.find([kid])).get(kid);
  if (key === undefined) return undefined;
  const named = { decision: 'refused', atMs: whenItHappened(use) } as const;
  const known = { genuine: false, proven: true, signed: true, revocationGraceMs: 0 };
  const verdict = classifyTripwire(named, key, known);
  if (verdict === undefined) return undefined;
  const tokenHash = hexOf(row.token_hash);
  return draftTrippedUse(room, {
    ...{ verdict, key, count, genuine: false },
    token: { ...describeToken(tokenHash, checked), tokenHash },
    tenant: use.tenant,
    reporterId: row.reporter_id,
    happenedMs: whenItHappened(use),
    receivedMs: use.received_ms,
    causedBy: use.event_uid,
  });
}

/** Uses behind the cursor were passed over while the proof was pending; later ones add themselves. */
async function usesAlreadyJudged(room: AuditRoom, tokenHash: Uint8Array): Promise<number> {
  const cursor = await readCursor(room, 'uses');
  const { count } = await room.store.read
    .selectFrom('use_report')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('token_hash', '=', tokenHash)
    .where('sequence', '<', cursor)
    .executeTakeFirstOrThrow();
  return count;
}

function describeToken(tokenHash: string, checked: EvidenceVerdict): TokenFacts {
  const kinds = { 'at+jwt': 'access', JWT: 'id', 'logout+jwt': 'logout' } as const;
  const { typ = '' } = checked;
  return {
    kind: typ in kinds ? kinds[typ as keyof typeof kinds] : 'other',
    tokenHash,
    ...(checked.issuer === undefined ? {} : { issuer: checked.issuer }),
    ...(checked.kid === undefined ? {} : { kid: checked.kid }),
    ...(checked.alg === undefined ? {} : { alg: checked.alg }),
    ...(checked.typ === undefined ? {} : { typ: checked.typ }),
    ...(checked.subject === undefined ? {} : { subject: checked.subject }),
    ...(checked.audience === undefined ? {} : { audience: checked.audience }),
    ...(checked.jtiHash === undefined ? {} : { jtiHash: checked.jtiHash }),
    ...(checked.rootAuthId === undefined ? {} : { rootAuthId: checked.rootAuthId }),
    ...(checked.logIndex === undefined ? {} : { logIndex: checked.logIndex }),
    ...(checked.logOrigin === undefined ? {} : { logOrigin: checked.logOrigin }),
  };
}
