// accepted ⊆ issued: every reported use is held against the ledger, in the order of arrival. The
// common case, an accepted token that we issued, costs a share of one joined query.

import { hashLeaf } from '@countersign/verifier';
import type { RealmId, TokenFacts } from '@countersign/vocabulary';
import { classifyUse, type IssuedFacts, type KnownFacts } from '../classify/classify-use.ts';
import type { Verdict } from '../classify/verdict.ts';
import { noteKeyUses, type UseOfKey } from '../exposure/note-key-uses.ts';
import { hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf, sourceOf } from '../store/numbered-places.ts';
import { classifyTripwire, type DeadKey } from '../tripwire/classify-tripwire.ts';
import type { DeadKeys } from '../tripwire/dead-keys.ts';
import { draftTrippedUse } from '../tripwire/draft-tripwire.ts';
import type { FindingDraft } from './finding.ts';
import { moveCursor, readCursor } from './move-cursor.ts';
import { raiseFinding } from './raise-finding.ts';
import {
  issuedFactsOf,
  type JudgedUse,
  readIssuedAt,
  readUses,
  useFactsOf,
  whenItHappened,
} from './read-uses.ts';
import { type FollowedLog, logSize } from './sources.ts';

export const MOST_USES_AT_ONCE = 250;
const DAY_MS = 86_400_000;

/**
 * Judges one page of uses; resolves with how many there were.
 * @param logs to look leaves up in; one that does not answer is taken out
 */
export async function followUses(
  room: AuditRoom,
  logs: Set<FollowedLog>,
  deadKeys: DeadKeys,
  revocationGraceMs: number,
): Promise<number> {
  const from = await readCursor(room, 'uses');
  const uses = await readUses(room, from, MOST_USES_AT_ONCE);
  const last = uses.at(-1);
  if (last === undefined) return 0;
  const drafts = new Map<string, FindingDraft>();
  const kids = uses.flatMap(({ kid, issued_kid }) => [kid ?? [], issued_kid ?? []].flat());
  const dead = await deadKeys.find(kids);
  for (const use of uses) {
    const known = await knownFacts(room, logs, use, revocationGraceMs);
    // The evidence is looked at by itself; its finding speaks for this use too.
    if (known === 'evidence_pending') continue;
    const verdict = classifyUse(useFactsOf(use), known);
    if (verdict !== undefined) collect(drafts, draftOf(room, use, verdict));
    const tripped = await judgeDeadKey(room, dead, use, known);
    if (tripped !== undefined) collect(drafts, tripped);
  }
  await room.store.transaction(async (tx) => {
    for (const draft of drafts.values()) await raiseFinding(room, tx, draft);
    await noteKeyUses(
      tx,
      uses.flatMap((use) => ofKey(use, dead)),
    );
    await moveCursor(room, tx, 'uses', from, last.sequence + 1);
  });
  return uses.length;
}

/** Of a token that we issued, whatever kid the reporter wrote; or of a key that nobody should name. */
function ofKey(use: JudgedUse, dead: ReadonlyMap<string, DeadKey>): UseOfKey[] {
  const kid = use.issued_kid ?? use.kid;
  if (kid === null || (use.issued_kid === null && !dead.has(kid))) return [];
  return [{ ...use, kid }];
}

async function judgeDeadKey(
  room: AuditRoom,
  dead: ReadonlyMap<string, DeadKey>,
  use: JudgedUse,
  facts: KnownFacts,
): Promise<FindingDraft | undefined> {
  const key = dead.get(use.issued_kid ?? use.kid ?? '');
  if (key === undefined) return undefined;
  const genuine = facts.issued !== undefined || (await isRewritten(room, use, key));
  const proven = !genuine && facts.evidence === 'valid';
  const signed = use.jti_hash !== null;
  const { revocationGraceMs } = facts;
  const known = { genuine, proven, signed, revocationGraceMs };
  const verdict = classifyTripwire(useFactsOf(use), key, known);
  if (verdict === undefined) return undefined;
  const tokenHash = hexOf(use.token_hash);
  return draftTrippedUse(room, {
    ...{ verdict, key, genuine, count: 1 },
    token: { ...describeToken(room, use, tokenHash), tokenHash },
    tenant: use.tenant,
    reporterId: use.reporter_id,
    happenedMs: whenItHappened(use),
    receivedMs: use.received_ms,
    causedBy: use.event_uid,
  });
}

/** A token of ours whose ECDSA signature somebody wrote anew is a token of ours: its `jti` says which. */
async function isRewritten(room: AuditRoom, use: JudgedUse, key: DeadKey): Promise<boolean> {
  if (use.jti_hash === null || use.evidence_state === 'proven') return false;
  const row = await room.store.read
    .selectFrom('issued_token')
    .select('kid')
    .where('jti_hash', '=', use.jti_hash)
    .executeTakeFirst();
  return row?.kid === key.kid;
}

/** The same finding twice on a page is one draft with a higher count. */
function collect(drafts: Map<string, FindingDraft>, draft: FindingDraft): void {
  const key = `${draft.verdict.class} ${draft.subjectKey}`;
  const known = drafts.get(key);
  if (known === undefined) drafts.set(key, draft);
  else known.count += draft.count;
}

async function knownFacts(
  room: AuditRoom,
  logs: Set<FollowedLog>,
  use: JudgedUse,
  revocationGraceMs: number,
): Promise<KnownFacts | 'evidence_pending'> {
  const facts: KnownFacts = {
    issued: issuedFactsOf(use),
    foreignIssuer: use.issuer !== null && room.ownership.realmOfIssuer(use.issuer) === undefined,
    evidence: 'absent',
    strayLeaf: false,
    acceptedBefore: false,
    revocationGraceMs,
  };
  if (facts.issued !== undefined) {
    if (facts.issued.oneTime) facts.acceptedBefore = await wasAcceptedBefore(room, use);
    return facts;
  }
  // Of a rogue key the evidence can prove nothing: the key is none of ours.
  if (use.evidence_state === 'pending' && use.code !== 'key_unlogged') return 'evidence_pending';
  if (use.evidence_state === 'proven') return { ...facts, evidence: 'valid' };
  if (use.decision === 'refused' || use.code === 'key_unlogged' || facts.foreignIssuer)
    return facts;
  const leaf = await lookAtLeaf(room, logs, use);
  return leaf === 'stray' || leaf === 'nothing'
    ? { ...facts, strayLeaf: leaf === 'stray' }
    : { ...facts, issued: leaf };
}

async function wasAcceptedBefore(room: AuditRoom, use: JudgedUse): Promise<boolean> {
  const earlier = await room.store.read
    .selectFrom('use_report')
    .select('sequence')
    .where('token_hash', '=', use.token_hash)
    .where('decision', '=', 'accepted')
    .where('sequence', '<', use.sequence)
    .limit(1)
    .executeTakeFirst();
  return earlier !== undefined;
}

/**
 * What stands at the log index that a reporter names for a token we do not know: a leaf nobody was
 * issued, or the very claims we issued (anyone can rewrite an ECDSA signature into other bytes).
 */
async function lookAtLeaf(
  room: AuditRoom,
  logs: Set<FollowedLog>,
  use: JudgedUse,
): Promise<IssuedFacts | 'stray' | 'nothing'> {
  const { log_index: place } = use;
  if (place === null || use.leaf_hash === null) return 'nothing';
  const leafHash = hexOf(use.leaf_hash);
  const row = await readIssuedAt(room, place);
  if (row !== undefined) {
    const same = hexOf(row.leaf_hash) === leafHash;
    const sameId = use.jti_hash !== null && hexOf(row.jti_hash) === hexOf(use.jti_hash);
    return (same && sameId ? issuedFactsOf(row) : undefined) ?? 'nothing';
  }
  const log = [...logs].find(({ number }) => number === sourceOf(place));
  if (log === undefined) return 'nothing';
  try {
    const entry = await readEntry(log, indexOf(place));
    return entry !== undefined && hexOf(hashLeaf(entry)) === leafHash ? 'stray' : 'nothing';
  } catch {
    // Its own follower says that the log is away, and finds the leaf when it is back. Here it must
    // not hold up what is told of all other tokens, nor be waited for at each of them.
    logs.delete(log);
    return 'nothing';
  }
}

/** The index is the reporter's word: beyond the end of the log there is nothing to ask for. */
async function readEntry({ source }: FollowedLog, index: number): Promise<Uint8Array | undefined> {
  if (index >= (await logSize(source))) return undefined;
  const { entries } = await source.readEntries(index, 1);
  return entries[0];
}

function draftOf(room: AuditRoom, use: JudgedUse, verdict: Verdict): FindingDraft {
  const tokenHash = hexOf(use.token_hash);
  const shared = {
    verdict,
    count: 1,
    happenedMs: whenItHappened(use),
    reporterId: use.reporter_id,
    causedBy: use.event_uid,
    token: describeToken(room, use, tokenHash),
  };
  // A reporter can make up as many tokens as it likes; one finding a day is what its word is worth.
  if (verdict.class === 'unissued' || verdict.class === 'rogue') {
    const day = Math.floor(use.received_ms / DAY_MS);
    return { ...shared, tenant: use.tenant, subjectKey: `reporter:${use.reporter_id}:${day}` };
  }
  const realm =
    use.issued_realm ??
    (use.issuer === null ? undefined : room.ownership.realmOfIssuer(use.issuer));
  return {
    ...shared,
    subjectKey: `token:${tokenHash}`,
    ...(realm === undefined ? { tenant: use.tenant } : { realm: realm as RealmId }),
  };
}

function describeToken(room: AuditRoom, use: JudgedUse, tokenHash: string): TokenFacts {
  const issuer = use.issued_issuer ?? use.issuer;
  const kid = use.issued_kid ?? use.kid;
  return {
    kind: 'other',
    tokenHash,
    ...(issuer === null ? {} : { issuer }),
    ...(kid === null ? {} : { kid }),
    ...(use.jti_hash === null ? {} : { jtiHash: hexOf(use.jti_hash) }),
    ...(use.log_index === null ? {} : room.logs.describe(use.log_index)),
    ...(use.issued_subject === null ? {} : { subject: use.issued_subject }),
    ...(use.issued_root === null ? {} : { rootAuthId: use.issued_root }),
  };
}
