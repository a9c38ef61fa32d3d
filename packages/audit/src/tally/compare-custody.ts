// Signatures made = numbers journalled (C-12): the signer says of each key how often its journal has
// numbered a signature and how often its custody (software, HSM, cloud) has made one. Numbers come
// first, so at no moment may there be more signatures than numbers, nor a ledger row without a number.

import { setImmediate as otherWork } from 'node:timers/promises';
import { sql } from 'kysely';
import type { FindingDraft } from '../reconcile/finding.ts';
import type { KeyCounts, OwnKey } from '../reconcile/sources.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { describeDifference } from './describe-difference.ts';

/** What the ledger knows of a key; read before the signer is asked. */
export interface LedgerOfKey {
  /** Highest number of a ledger row. */
  highest: number;
  /** One past the last number that was judged; null while none was. */
  next: number | null;
  realm: string | null;
  signer: string | undefined;
}

/** Keys looked up in one go: some milliseconds, in which nothing else of this process goes on. */
const KEYS_AT_ONCE = 500;

/** Of every key that has a ledger row or was judged: a look into the index for each. */
export async function readLedgerOfKeys(room: AuditRoom): Promise<Map<string, LedgerOfKey>> {
  const rows: { kid: string; highest: number }[] = [];
  for (let page = await readHighest(room, ''); page.length > 0; ) {
    rows.push(...page);
    await otherWork();
    page = await readHighest(room, page.at(-1)?.kid ?? '');
  }
  const tallies = await room.store.read.selectFrom('key_tally').selectAll().execute();
  const known = new Map<string, LedgerOfKey>();
  for (const { kid, next_number: next, realm, signer } of tallies) {
    known.set(kid, { highest: 0, next, realm, signer: room.signers.names[signer] });
  }
  for (const { kid, highest } of rows) {
    const tally = known.get(kid) ?? { next: null, realm: null, signer: undefined };
    known.set(kid, { ...tally, highest });
  }
  return known;
}

async function readHighest(
  room: AuditRoom,
  after: string,
): Promise<{ kid: string; highest: number }[]> {
  const { rows } = await sql<{ kid: string; highest: number }>`
    WITH RECURSIVE k (kid) AS (
      SELECT min(kid) FROM issued_token WHERE kid > ${after}
      UNION ALL
      SELECT (SELECT min(i.kid) FROM issued_token AS i WHERE i.kid > k.kid) FROM k
        WHERE k.kid IS NOT NULL LIMIT ${KEYS_AT_ONCE})
    SELECT k.kid, (SELECT max(i.key_number) FROM issued_token AS i WHERE i.kid = k.kid) AS highest
      FROM k WHERE k.kid IS NOT NULL`.execute(room.store.read);
  return rows;
}

/** What was seen of keys at the last look: some differences count only when they stay. */
export class CustodyWatch {
  readonly #room: AuditRoom;
  /** Of keys with fewer signatures than numbers: what the signer said. */
  #behind = new Map<string, string>();

  constructor(room: AuditRoom) {
    this.#room = room;
  }

  /** @param ledger read before `keys` were listed */
  async compare(
    ledger: ReadonlyMap<string, LedgerOfKey>,
    keys: readonly OwnKey[],
  ): Promise<FindingDraft[]> {
    const drafts: FindingDraft[] = [];
    const behind = new Map<string, string>();
    for (const { kid, issuer, counts } of keys) {
      if (counts === undefined) continue;
      const known = ledger.get(kid);
      const facts = { kid, issuer, realm: known?.realm, signer: known?.signer };
      drafts.push(...compareNumbers(this.#room, facts, counts, known));
      if (await this.#isBehind(kid, counts, known?.next ?? null)) {
        behind.set(kid, JSON.stringify(counts));
      }
      if (behind.has(kid) && behind.get(kid) === this.#behind.get(kid)) {
        drafts.push(await describeNotMade(this.#room, facts, counts));
      }
    }
    this.#behind = behind;
    return drafts;
  }

  /** Fewer signatures than numbers, more than failed builds explain. While some are not judged, no. */
  async #isBehind(kid: string, counts: KeyCounts, next: number | null): Promise<boolean> {
    const lacking = counts.sinceStart - counts.made;
    if (lacking <= 0 || next !== counts.journalled + 1) return false;
    return lacking > (await countUnused(this.#room, kid, counts));
  }
}

async function countUnused(room: AuditRoom, kid: string, counts: KeyCounts): Promise<number> {
  const { unused } = await room.store.read
    .selectFrom('unused_signature')
    .select(({ fn }) => fn.countAll<number>().as('unused'))
    .where('kid', '=', kid)
    .where('key_number', '>', counts.journalled - counts.sinceStart)
    .where('key_number', '<=', counts.journalled)
    .executeTakeFirstOrThrow();
  return Number(unused);
}

interface KeyFacts {
  kid: string;
  issuer: string;
  realm: string | null | undefined;
  signer: string | undefined;
}

function compareNumbers(
  room: AuditRoom,
  facts: KeyFacts,
  counts: KeyCounts,
  known: LedgerOfKey | undefined,
): FindingDraft[] {
  const { journalled, sinceStart, made, failed } = counts;
  const drafts: FindingDraft[] = [];
  const extra = { journalled, made };
  const beyond = (last: number): number[] =>
    Array.from({ length: Math.min(1000, last - journalled) }, (_, at) => journalled + 1 + at);
  if (known !== undefined && known.highest > journalled) {
    const numbers = beyond(known.highest);
    const difference = 'token_without_signature';
    drafts.push(describeDifference(room, { ...facts, difference, numbers, extra }));
  }
  if (known?.next != null && known.next - 1 > journalled) {
    const numbers = beyond(known.next - 1);
    drafts.push(
      describeDifference(room, { ...facts, difference: 'journal_forgot', numbers, extra }),
    );
  }
  // One that failed must not make room for one that nobody numbered.
  if (made + failed > sinceStart) {
    const apart = `${journalled - sinceStart}+`;
    const numbers = { count: made + failed - sinceStart };
    const difference = 'signature_outside_journal';
    drafts.push(describeDifference(room, { ...facts, difference, numbers, apart, extra }));
  }
  return drafts;
}

async function describeNotMade(
  room: AuditRoom,
  facts: KeyFacts,
  counts: KeyCounts,
): Promise<FindingDraft> {
  const { journalled, sinceStart, made } = counts;
  const count = sinceStart - made - (await countUnused(room, facts.kid, counts));
  const apart = `${journalled - sinceStart}+`;
  const difference = 'signature_not_made';
  const extra = { journalled, made };
  return describeDifference(room, { ...facts, difference, numbers: { count }, apart, extra });
}
