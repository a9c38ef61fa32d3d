// For the simulation: what somebody does to a house afterwards who owns the database file or the
// signer's folder, and which numbers of the key must then be named.

import assert from 'node:assert/strict';
import { seededRandom } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { KID, type TestHouse } from '../testing/open-house.ts';

const GUARDS = ['stays', 'unchanged', 'judged', 'lineage'].map((name) => `issued_token_${name}`);

/** Resolves with what the findings must say, or undefined when there was nothing to tamper with. */
type Tampering = (house: TestHouse, pick: (below: number) => number) => Promise<string | undefined>;

async function keyNumbers(house: TestHouse): Promise<number[]> {
  const rows = await house.store.read.selectFrom('issued_token').select('key_number').execute();
  return rows.map((row) => row.key_number);
}

async function write(house: TestHouse, statement: ReturnType<typeof sql>): Promise<void> {
  await house.store.transaction(async (tx) => {
    for (const name of GUARDS) await sql.raw(`DROP TRIGGER IF EXISTS ${name}`).execute(tx);
    await statement.execute(tx);
  });
}

const tamperings: Tampering[] = [
  async function removeRow(house, pick) {
    const numbers = await keyNumbers(house);
    const number = numbers[pick(numbers.length)];
    if (number === undefined) return undefined;
    await write(house, sql`DELETE FROM issued_token WHERE key_number = ${number}`);
    return `the ledger row of signature ${number} is gone`;
  },
  async function slipInRow(house, pick) {
    const numbers = await keyNumbers(house);
    const source = numbers[pick(numbers.length)];
    if (source === undefined) return undefined;
    // A number that has a token, or one that never had: both are taken.
    const number = 1 + pick(house.journal.length);
    await write(
      house,
      sql`INSERT INTO issued_token SELECT -1, leaf_hash, randomblob(32), randomblob(32),
        kid, alg, typ, issuer, realm, audience, subject, client_id, root_auth_id, parent_jti_hash,
        derivation, one_time, -1, ${number}, signing_input_hash,
        issued_at_seconds, expires_at_seconds, jkt, grant_id, session_id, recorded_ms, sign_in
      FROM issued_token WHERE key_number = ${source}`,
    );
    return `signature ${number} is there more than once`;
  },
  async function forgetJournal(house) {
    const last = house.journal.pop();
    if (last === undefined) return undefined;
    house.custody.restart();
    return `the journal no longer knows signature ${last.keyNumber}`;
  },
  async function takeOutOfJournal(house, pick) {
    const behind = house.journal.length;
    for (let at = 0; at < 4; at += 1) house.sign(`stolen ${at}`);
    const [taken] = house.journal.splice(behind + pick(3), 1);
    for (const [at, entry] of house.journal.entries()) entry.number = at + 1;
    return `the journal leaves out signature ${taken?.keyNumber}`;
  },
  async function signPastTheJournal(house) {
    if (house.journal.length === 0) return undefined;
    house.custody.restart();
    house.custody.make();
    return 'the custody made 1 more than the journal numbers';
  },
];

/** Tampers once and lets the house find out. */
export async function tamperAtRandom(house: TestHouse, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const pick = (below: number): number => (random.bytes(1)[0] ?? 0) % Math.max(1, below);
  const expected = await tamperings[pick(tamperings.length)]?.(house, pick);
  await house.pass(12_000);
  const found = await messages(house);
  if (expected === undefined) return;
  assert.ok(found.includes(`Key ${KID}: ${expected}.`), `${expected}; but ${found.join(' ')}`);
}

async function messages(house: TestHouse): Promise<string[]> {
  const findings = await house.audit.listFindings({ classes: ['tally'], limit: 1000 });
  return findings.map(({ message }) => message);
}
