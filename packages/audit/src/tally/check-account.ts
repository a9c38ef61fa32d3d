// Counts again what was judged: of each key, every number must be in the ledger or be known to have no
// token, and no number twice. A ledger row that was taken away or slipped in later makes a difference of
// one. Window after window, by index only, so that a ledger of millions is gone through in a minute.

import { type Kysely, sql } from 'kysely';
import type { FindingDraft } from '../reconcile/finding.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { AuditTables, KeyTallyRow } from '../tables.ts';
import { describeDifference } from './describe-difference.ts';

/** Numbers counted in one query, and in one turn. */
const WINDOW = 10_000;
const NUMBERS_A_TURN = 20_000;
const KEYS_A_TURN = 100;

interface Window {
  kid: string;
  from: number;
  /** One past the last. */
  to: number;
}

/** Where the round of the account stands; a restart begins a new one. */
export class AccountRound {
  readonly #room: AuditRoom;
  #kid = '';
  #from = 0;

  constructor(room: AuditRoom) {
    this.#room = room;
  }

  /** One turn. Resolves with what does not add up. */
  async turn(): Promise<FindingDraft[]> {
    const drafts: FindingDraft[] = [];
    let left = NUMBERS_A_TURN;
    for (let keys = 0; keys < KEYS_A_TURN && left > 0; ) {
      const tally = await this.#nextKey();
      if (tally === undefined) return drafts;
      const { first_number: first, next_number: next } = tally;
      const from = Math.max(this.#from, first ?? 0);
      const to = Math.min(from + WINDOW, next ?? 0);
      if (to > from) drafts.push(...(await checkWindow(this.#room, tally, from, to)));
      left -= Math.max(0, to - from);
      this.#from = to;
      if (to >= (next ?? 0)) {
        [this.#kid, this.#from] = [after(tally.kid), 0];
        keys += 1;
      }
    }
    return drafts;
  }

  /** The key of the turn, or the first one again after the last; then the turn is over. */
  async #nextKey(): Promise<KeyTallyRow | undefined> {
    const tally = await this.#room.store.read
      .selectFrom('key_tally')
      .selectAll()
      .where('kid', '>=', this.#kid)
      .orderBy('kid')
      .limit(1)
      .executeTakeFirst();
    if (tally === undefined) [this.#kid, this.#from] = ['', 0];
    else if (tally.kid !== this.#kid) [this.#kid, this.#from] = [tally.kid, 0];
    return tally;
  }
}

/** The least text that is greater. */
function after(kid: string): string {
  return `${kid}\u0000`;
}

async function checkWindow(
  room: AuditRoom,
  tally: KeyTallyRow,
  from: number,
  to: number,
): Promise<FindingDraft[]> {
  const window = { kid: tally.kid, from, to };
  const ledger = await sumNumbers(room.store.read, 'issued_token', window);
  const unused = await sumNumbers(room.store.read, 'unused_signature', window);
  const numbers = to - from;
  const adds =
    ledger.count + unused.count === numbers &&
    ledger.sum + unused.sum === (numbers * (numbers - 1)) / 2;
  return adds ? [] : nameDifferences(room, tally, window);
}

/** Sums count from the start of the window, so that they stay small. */
async function sumNumbers(
  db: Kysely<AuditTables>,
  table: 'issued_token' | 'unused_signature',
  { kid, from, to }: Window,
): Promise<{ count: number; sum: number }> {
  const { count, sum } = await db
    .selectFrom(table)
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      sql<number>`coalesce(sum(key_number - ${from}), 0)`.as('sum'),
    ])
    .where('kid', '=', kid)
    .where('key_number', '>=', from)
    .where('key_number', '<', to)
    .executeTakeFirstOrThrow();
  return { count: Number(count), sum: Number(sum) };
}

async function nameDifferences(
  room: AuditRoom,
  tally: KeyTallyRow,
  window: Window,
): Promise<FindingDraft[]> {
  const seen = new Set<number>();
  const twice = new Set<number>();
  for (const table of ['issued_token', 'unused_signature'] as const) {
    const rows = await room.store.read
      .selectFrom(table)
      .select('key_number')
      .where('kid', '=', window.kid)
      .where('key_number', '>=', window.from)
      .where('key_number', '<', window.to)
      .execute();
    for (const { key_number: number } of rows) {
      if (seen.has(number)) twice.add(number);
      seen.add(number);
    }
  }
  const gone = Array.from({ length: window.to - window.from }, (_, at) => window.from + at).filter(
    (number) => !seen.has(number),
  );
  const { kid, issuer, realm, signer } = tally;
  const facts = { kid, issuer, realm, signer: room.signers.names[signer] };
  const described = (difference: 'token_gone' | 'number_used_twice', numbers: number[]) =>
    numbers.length === 0 ? [] : [describeDifference(room, { ...facts, difference, numbers })];
  const doubled = [...twice].sort((a, b) => a - b);
  return [...described('token_gone', gone), ...described('number_used_twice', doubled)];
}
