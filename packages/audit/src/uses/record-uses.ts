// Takes a batch of use reports: an event for each, a row for the reconciler, and the evidence of
// tokens that no ledger row knows. Once durable it is answered; a repeated batch changes nothing.

import type { CountersignEvent, TokenFacts } from '@countersign/vocabulary';
import type { CompiledQuery } from 'kysely';
import { noteReportGaps } from '../gaps/note-report-gaps.ts';
import { hashBytes, hexOf, optionalHashBytes } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { describeEventRow } from '../store/describe-event-row.ts';
import { findIssuedByHash, type IssuedByHash } from './find-issued-of-uses.ts';
import { keepOwnUses, type OwnUses, type Reporter } from './own-uses.ts';
import { isSameInput, readEvidence } from './read-evidence.ts';
import { parseUseBatch, type UseBatch, type UseReport } from './use-batch.ts';

/** Unchecked evidence kept for one reporter; more is left out until the reconciler has looked. */
const MOST_PENDING_EVIDENCE = 200;
/** A reporter's clock may be this far off before we date the event ourselves. */
const LONGEST_PAST_MS = 7 * 86_400_000;
const LONGEST_FUTURE_MS = 300_000;

export interface UsesTaken {
  /** Uses that are recorded, now or by an earlier copy of the same report. */
  accepted: number;
  /** Uses that were left out because issuer and audience are not the reporter's tenant's. */
  leftOut: number;
}

/** @throws CodedError `uses_malformed` or StorageCode */
export async function recordUses(
  room: AuditRoom,
  reporter: Reporter,
  given: unknown,
): Promise<UsesTaken> {
  const batch = parseUseBatch(given);
  const { uses, leftOut } = await keepOwnUses(room.ownership, reporter, batch.uses);
  const hashes = uses.map(({ use }) => hashBytes(use.tokenHash));
  const issued = await findIssuedByHash(room, 'token_hash', hashes);
  const { kept: evidence, unheard } = await keepEvidence(room, reporter, uses, issued);
  const receivedMs = room.clock.nowMs();
  const queries: CompiledQuery<unknown>[] = [];
  for (const own of uses) {
    const taken = { room, reporter, batch, receivedMs, own, issued };
    queries.push(...describeUse(taken, evidence.has(own.use.id)));
  }
  const about = { reporter, batch, receivedMs, leftOut, unheard };
  queries.push(...(await noteReportGaps(room, { ...about, taken: uses.map(({ use }) => use) })));
  await room.store.write(queries).catch((error: unknown) => {
    // What was to be remembered of the verifier may not be there.
    room.versions.clear();
    throw error;
  });
  return { accepted: uses.length, leftOut };
}

/** Ids of the uses whose evidence is worth keeping: the token is what it is said to be, and unknown. */
async function keepEvidence(
  room: AuditRoom,
  reporter: Reporter,
  uses: OwnUses['uses'],
  issued: IssuedByHash,
): Promise<{ kept: ReadonlySet<string>; unheard: number }> {
  const candidates = uses.flatMap(({ use }) => {
    if (use.evidence === undefined) return [];
    const facts = readEvidence(use.evidence);
    if (facts === undefined || hexOf(facts.tokenHash) !== use.tokenHash) return [];
    // Who can write to the ledger could give a row the hash of a forgery: its signing input tells.
    const row = issued.get(use.tokenHash);
    if (row !== undefined && isSameInput(row, facts)) return [];
    return [{ id: use.id, facts }];
  });
  if (candidates.length === 0) return { kept: new Set(), unheard: 0 };
  const jtis = candidates.flatMap(({ facts }) => facts.jtiHash ?? []);
  const byJti = await findIssuedByHash(room, 'jti_hash', jtis);
  const { pending } = await room.store.read
    .selectFrom('evidence')
    .select(({ fn }) => fn.countAll<number>().as('pending'))
    .where('reporter_id', '=', reporter.id)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow();
  // A genuine token with a rewritten ECDSA signature is still a genuine token: never stored.
  const unknown = candidates.filter(({ facts }) => {
    const row = facts.jtiHash === undefined ? undefined : byJti.get(hexOf(facts.jtiHash));
    return row === undefined || !isSameInput(row, facts);
  });
  const vacant = Math.max(0, MOST_PENDING_EVIDENCE - pending);
  const kept = new Set(unknown.slice(0, vacant).map(({ id }) => id));
  return { kept, unheard: unknown.length - kept.size };
}

interface TakenUse {
  room: AuditRoom;
  reporter: Reporter;
  batch: UseBatch;
  receivedMs: number;
  own: OwnUses['uses'][number];
  issued: IssuedByHash;
}

function describeUse(taken: TakenUse, withEvidence: boolean): CompiledQuery<unknown>[] {
  const { room, reporter, receivedMs } = taken;
  const { use } = taken.own;
  const foreign =
    use.issuer !== undefined && room.ownership.realmOfIssuer(use.issuer) === undefined;
  const event = describeEventRow(room, describeUseEvent(taken), {
    tenant: reporter.tenant,
    // The tokens of other houses are in no ledger of ours, and that says nothing about them.
    ...(foreign ? {} : { ledgerMatch: taken.issued.has(use.tokenHash) }),
  });
  const row = {
    reporter_id: reporter.id,
    report_id: use.id,
    tenant: reporter.tenant,
    received_ms: receivedMs,
    at_ms: use.atMs,
    decision: use.decision,
    code: use.code ?? null,
    token_hash: hashBytes(use.tokenHash),
    issuer: use.issuer ?? null,
    kid: use.kid ?? null,
    jti_hash: optionalHashBytes(use.jtiHash),
    audience: use.audience === undefined ? null : JSON.stringify(use.audience),
    log_index: event.log_index ?? null,
    leaf_hash: optionalHashBytes(use.leafHash),
    jkt: use.jkt ?? null,
    event_uid: event.uid,
  };
  const evidence = {
    token_hash: row.token_hash,
    token: use.evidence ?? '',
    reporter_id: reporter.id,
    received_ms: receivedMs,
    state: 'pending',
  };
  return [
    room.insert.eventOfNewUse(event, reporter.id, use.id),
    ...(withEvidence ? [room.insert.evidenceOfNewUse(evidence, reporter.id, use.id)] : []),
    // Last, because its presence is what makes a repeated report do nothing.
    room.insert.useReport(row),
  ];
}

function describeUseEvent({ own, batch, reporter, receivedMs }: TakenUse): CountersignEvent {
  const { use, realm } = own;
  const sane = use.atMs > receivedMs - LONGEST_PAST_MS && use.atMs < receivedMs + LONGEST_FUTURE_MS;
  const refused = use.decision !== 'accepted';
  return {
    name: refused ? 'token.refused' : 'token.verified',
    timeMs: sane ? use.atMs : receivedMs,
    verifier: batch.verifier,
    token: describeUseToken(use),
    request: { ...given('ip', use.ip), ...given('userAgent', use.userAgent) },
    extra: {
      reporter: reporter.id,
      reportId: use.id,
      ...(sane ? {} : { reportedMs: use.atMs }),
    },
    ...given('realm', realm),
    ...given('clientId', use.clientId),
    ...given('subject', use.subject),
    ...given('reason', refused ? (use.code ?? use.decision) : undefined),
    ...(use.decision === 'audit_failed' ? { severity: 'high' as const } : {}),
  };
}

function describeUseToken(use: UseReport): TokenFacts {
  return {
    kind: 'other',
    tokenHash: use.tokenHash,
    ...given('jtiHash', use.jtiHash),
    ...given('issuer', use.issuer),
    ...given('audience', use.audience),
    ...given('subject', use.subject),
    ...given('kid', use.kid),
    ...given('confirmationThumbprint', use.jkt),
    ...given('logIndex', use.logIndex),
    ...given('logOrigin', use.logOrigin),
  };
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>);
}
