import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { sql } from 'kysely';
import { closeHouses, GRACE_MS, KID, REALM, sha256, TestHouse } from '../testing/open-house.ts';

afterEach(closeHouses);

async function openHouse(): Promise<TestHouse> {
  const house = await TestHouse.open();
  house.custody.tells = true;
  return house;
}

/** What a thief can do who owns the database file: the triggers that guard the ledger are no law to them. */
async function tamper(house: TestHouse, statement: ReturnType<typeof sql>): Promise<void> {
  await house.store.transaction(async (tx) => {
    for (const name of ['issued_token_stays', 'issued_token_unchanged', 'issued_token_judged']) {
      await sql.raw(`DROP TRIGGER IF EXISTS ${name}`).execute(tx);
    }
    await statement.execute(tx);
  });
}

async function tallies(house: TestHouse): Promise<string[]> {
  const found = await house.audit.listFindings({ classes: ['tally'] });
  return found.map(({ message }) => message).sort();
}

async function settled(tokens: number): Promise<TestHouse> {
  const house = await openHouse();
  for (let at = 0; at < tokens; at += 1) await house.issue();
  await house.pass(2 * GRACE_MS);
  assert.deepEqual(house.told, []);
  return house;
}

describe('C-12 HSM signatures = ledger: a difference of one is an alarm that names the number', () => {
  test('signatures, numbers, rows and leaves that are one to one are no news, crashes included', async () => {
    const house = await openHouse();
    for (let round = 0; round < 5; round += 1) {
      await house.issue();
      // Logged and signed when the process died; and logged, numbered, and never made.
      house.build();
      house.custody.number('numbered, and then the signer died');
      await house.restart();
      const given = house.build();
      house.audit.expectBuild({ leafHash: given.issued.leafHash });
      house.audit.doubtLeaf(given.issued.leafHash);
      const { leafHash, journalNumber } = given.issued;
      const token = { kind: 'access', leafHash, journalNumber } as const;
      await house.audit.record([
        { name: 'token.abandoned', timeMs: house.clock.nowMs(), realm: REALM, token },
      ]);
      await house.pass(2 * GRACE_MS);
    }
    assert.deepEqual(await tallies(house), []);
    const kept = await house.store.read.selectFrom('unused_signature').selectAll().execute();
    assert.deepEqual(
      kept.map(({ reason }) => reason),
      Array.from({ length: 5 }, () => ['interrupted', 'interrupted', 'abandoned']).flat(),
    );
  });

  test('a signature that nobody was issued a token for', async () => {
    const house = await settled(3);
    house.sign('asked for by somebody else');
    await house.issue();
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(await tallies(house), [`Key ${KID}: signature 4 has no token.`]);
    const [facts] = await house.extensions('key.tally_differs');
    assert.equal(facts?.['kid'], KID);
    const { numbers, count } = (facts?.['extra'] ?? {}) as Record<string, unknown>;
    assert.deepEqual([numbers, count], ['4', 1]);
  });

  test('a signature that a thief inside the signer makes past the journal', async () => {
    const house = await settled(3);
    house.custody.make();
    await house.pass(3000);
    const one = `Key ${KID}: the custody made 1 more than the journal numbers.`;
    assert.deepEqual(await tallies(house), [one]);
    await house.pass(20_000);
    assert.equal(house.told.length, 1, 'it stays so, and is told of once');
    house.custody.make();
    await house.pass(3000);
    assert.equal(house.told.length, 2, 'another one is other news');
  });

  test('a failed signature makes no room for one that nobody numbered', async () => {
    const house = await settled(3);
    house.audit.expectBuild({ leafHash: '0'.repeat(64) });
    const number = house.custody.number('the token of the HSM was gone');
    house.custody.fail();
    await house.audit.record([
      {
        name: 'token.abandoned',
        timeMs: house.clock.nowMs(),
        token: { kind: 'access', leafHash: '0'.repeat(64), journalNumber: number },
      },
    ]);
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(await tallies(house), []);
    house.custody.make();
    await house.pass(3000);
    assert.equal((await tallies(house)).length, 1);
  });

  test('a token whose signature the custody never made was signed elsewhere', async () => {
    const house = await settled(2);
    await house.issue();
    house.custody.make(KID, -1);
    await house.pass(GRACE_MS);
    assert.deepEqual(await tallies(house), [], 'an HSM may take its time');
    await house.pass(GRACE_MS);
    assert.deepEqual(await tallies(house), [
      `Key ${KID}: the custody made 1 fewer than the journal numbers.`,
    ]);
  });

  test('a ledger row that was removed after it was judged', async () => {
    const house = await settled(6);
    await tamper(house, sql`DELETE FROM issued_token WHERE key_number = 4`);
    await house.pass(2000);
    assert.deepEqual(await tallies(house), [`Key ${KID}: the ledger row of signature 4 is gone.`]);
    assert.equal(house.told[0]?.realm, REALM);
    await house.pass(20_000);
    assert.equal(house.told.length, 1);
  });

  test('a ledger row that was slipped in for a number that has one, or that never had a token', async () => {
    const house = await settled(4);
    house.build();
    await house.restart();
    await house.issue();
    await house.pass(2 * GRACE_MS);
    const copy = (keyNumber: number, at: number) => sql`
      INSERT INTO issued_token SELECT log_index + ${at}, leaf_hash, randomblob(32), randomblob(32),
        kid, alg, typ, issuer, realm, audience, subject, client_id, root_auth_id, parent_jti_hash,
        derivation, one_time, journal_number + ${at}, ${keyNumber}, signing_input_hash,
        issued_at_seconds, expires_at_seconds, jkt, grant_id, session_id, recorded_ms, sign_in
      FROM issued_token WHERE key_number = 2`;
    await tamper(house, copy(5, -100));
    await house.pass(2000);
    assert.deepEqual(await tallies(house), [`Key ${KID}: signature 5 is there more than once.`]);
    await tamper(house, copy(3, -200));
    await house.pass(2000);
    assert.deepEqual(await tallies(house), [
      `Key ${KID}: signature 3,5 is there more than once.`,
      `Key ${KID}: signature 5 is there more than once.`,
    ]);
  });

  test('a ledger row that was changed afterwards: its leaf, or what was signed', async () => {
    for (const column of ['leaf_hash', 'signing_input_hash']) {
      const house = await settled(6);
      const change = sql`UPDATE issued_token SET ${sql.ref(column)} = randomblob(32) WHERE key_number = 4`;
      await tamper(house, change);
      await house.pass(120_000);
      assert.deepEqual(await tallies(house), [
        `Key ${KID}: the ledger row of signature 4 is not of what was signed and logged.`,
      ]);
    }
  });

  test('a ledger row that was changed, behind more numbers without a row than a signer gives at once', async () => {
    const house = await settled(2);
    for (let at = 0; at < 1200; at += 1) house.custody.number('numbered, and then the signer died');
    await house.restart();
    await house.issue();
    await house.pass(2 * GRACE_MS);
    await tamper(
      house,
      sql`UPDATE issued_token SET signing_input_hash = randomblob(32) WHERE key_number = 1203`,
    );
    await house.pass(180_000);
    assert.deepEqual(await tallies(house), [
      `Key ${KID}: the ledger row of signature 1203 is not of what was signed and logged.`,
    ]);
  });

  test('a row that was given the hash of a forgery hides no forgery', async () => {
    const house = await settled(3);
    const forged = house.forge();
    const hash = Buffer.from(sha256(forged), 'hex');
    await tamper(house, sql`UPDATE issued_token SET token_hash = ${hash} WHERE key_number = 2`);
    await house.reportForged(forged);
    await house.pass(1000);
    const [finding] = await house.audit.listFindings({ classes: ['forged'] });
    assert.equal(finding?.proven, true);
  });

  test('a ledger row beyond what the journal knows, however the journal came to forget it', async () => {
    const house = await settled(5);
    house.journal.pop();
    house.custody.restart();
    await house.pass(3000);
    const found = await tallies(house);
    assert.deepEqual(found, [
      `Key ${KID}: the journal no longer knows signature 5.`,
      `Key ${KID}: the ledger has 5, which the journal does not know.`,
    ]);
    const forked = await house.audit.listFindings({ classes: ['forked'] });
    assert.equal(forked[0]?.reason, 'journal_rolled_back');
  });

  test('a journal entry that was taken out, and the rest numbered anew', async () => {
    const house = await settled(3);
    for (let at = 0; at < 3; at += 1) house.sign(`stolen ${at}`);
    house.journal.splice(4, 1);
    for (const [at, entry] of house.journal.entries()) entry.number = at + 1;
    await house.pass(2 * GRACE_MS);
    assert.ok((await tallies(house)).includes(`Key ${KID}: the journal leaves out signature 5.`));
  });

  test('a number that the journal gives twice', async () => {
    const house = await settled(2);
    house.journal.push({ ...(house.journal[1] as (typeof house.journal)[0]), number: 3 });
    await house.pass(2 * GRACE_MS);
    const found = await tallies(house);
    assert.ok(found.includes(`Key ${KID}: signature 2 is there more than once.`), String(found));
  });

  test('a ledger of before there was a tally is counted from what comes next', async () => {
    const house = await openHouse();
    for (let at = 0; at < 3; at += 1) await house.issue();
    await house.pass(2 * GRACE_MS);
    await house.store.transaction(async (tx) => {
      await sql`UPDATE key_tally SET first_number = NULL, next_number = NULL`.execute(tx);
      await sql`UPDATE follower_cursor SET position = 4 WHERE name = 'tally'`.execute(tx);
    });
    await house.issue();
    // Signed before, in a build that came to nothing: of this key the ledger has no row.
    house.journal.push({
      number: 5,
      keyNumber: 3,
      kid: 'other',
      signingInputHash: 'ab'.repeat(32),
    });
    house.audit.expectBuild({ leafHash: 'cd'.repeat(32), signingInputHash: 'ab'.repeat(32) });
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(house.told, []);
    await tamper(house, sql`DELETE FROM issued_token WHERE key_number = 4`);
    await house.pass(3000);
    assert.equal((await tallies(house)).length, 1);
  });
});
