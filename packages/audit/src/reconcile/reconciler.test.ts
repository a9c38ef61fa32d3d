import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { hashLeaf } from '@countersign/verifier';
import { isCodedError, newId } from '@countersign/vocabulary';
import {
  closeHouses,
  GRACE_MS,
  ISSUER,
  KID,
  REALM,
  rewriteSignature,
  sha256,
  TestHouse,
} from '../testing/open-house.ts';

afterEach(closeHouses);

const classes = (house: TestHouse) => house.told.map((finding) => finding.class);

describe('a genuine token', () => {
  test('that is issued, used and revoked raises nothing', async () => {
    const house = await TestHouse.open();
    for (let n = 0; n < 5; n += 1) {
      const { token } = await house.issue();
      await house.report([house.use(token), house.use(token)]);
    }
    const { token, issued } = await house.issue();
    await house.audit.revoke({ target: { jtiHash: issued.jtiHash }, reason: 'logout' });
    await house.report([
      house.use(token),
      house.use(token, { decision: 'refused', code: 'token_revoked' }),
    ]);
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
    assert.equal((await house.eventNames()).filter((name) => name === 'token.verified').length, 11);
  });

  test('whose ledger row comes late, but before the grace is over, raises nothing', async () => {
    const house = await TestHouse.open();
    const slow = house.build();
    await house.issue();
    await house.pass(GRACE_MS - 2000);
    await house.record(slow);
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  test('built while the whole process stood still raises nothing', async () => {
    const house = await TestHouse.open();
    await house.pass(2000);
    const slow = house.build();
    house.clock.advanceMs(60_000);
    await house.reconciler.tick();
    house.clock.advanceMs(30_000);
    await house.reconciler.tick();
    await house.record(slow);
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  test('whose signature was rewritten by its holder is not forged, and its text is not kept', async () => {
    const house = await TestHouse.open();
    const { token, issued } = await house.issue();
    const rewritten = rewriteSignature(token);
    assert.notEqual(rewritten, token);
    assert.equal(house.verifyEvidence(rewritten).signatureValid, true);
    await house.reportForged(rewritten);
    await house.report([
      house.use(rewritten, { logIndex: 0, leafHash: issued.leafHash, jtiHash: issued.jtiHash }),
    ]);
    const kept = await house.store.read.selectFrom('evidence').selectAll().execute();
    assert.deepEqual(kept, []);
    await house.pass(2000);
    assert.deepEqual(house.told, []);
  });

  test('that a verifier with a wrong log key refuses is not forged', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    await house.reportForged(token);
    await house.pass(2000);
    assert.deepEqual(house.told, []);
    assert.deepEqual(await house.store.read.selectFrom('evidence').selectAll().execute(), []);
  });
});

describe('a forged token', () => {
  test('raises one critical alarm, quarantines its key and keeps the proof', async () => {
    const house = await TestHouse.open();
    const token = house.forge();
    await house.reportForged(token);
    house.clock.advanceMs(700);
    await house.reconciler.tick();
    const [finding] = house.told;
    assert.equal(finding?.class, 'forged');
    assert.equal(finding?.severity, 'critical');
    assert.equal(finding?.proven, true);
    assert.equal(finding?.kid, KID);
    assert.equal(finding?.realm, REALM);
    assert.equal(finding?.secondsToAlarm, 0.7);
    assert.deepEqual(
      (await house.audit.listQuarantined()).map(({ issuer, kid }) => [issuer, kid]),
      [[ISSUER, KID]],
    );
    assert.equal((await house.audit.findEvidence(sha256(token)))?.token, token);
    assert.deepEqual(await house.eventNames(), [
      'token.refused',
      'token.forged',
      'key.quarantined',
    ]);
    const [use] = await house.audit.listEvents({ names: ['token.refused'] });
    const [forged] = await house.extensions('token.forged');
    assert.equal(forged?.['caused_by'], use?.uid);
  });

  test('reported ten thousand times by many is still one alarm, with a count', async () => {
    const house = await TestHouse.open();
    const token = house.forge();
    for (let batch = 0; batch < 20; batch += 1) {
      const reporter = { id: `r-${batch}`, tenant: 'acme' };
      const uses = Array.from({ length: 500 }, () =>
        house.use(token, { decision: 'refused', code: 'receipt_missing', evidence: token }),
      );
      await house.report(uses, reporter);
      if (batch % 7 === 0) await house.pass(1000);
    }
    await house.pass(2000);
    assert.deepEqual(classes(house), ['forged']);
    const [finding] = await house.audit.listFindings();
    assert.equal(finding?.count, 10_000);
  });

  test('a batch that is sent again counts once', async () => {
    const house = await TestHouse.open();
    const uses = [house.use(house.forge(), { decision: 'refused' })];
    assert.deepEqual(await house.report(uses), { accepted: 1, leftOut: 0 });
    assert.deepEqual(await house.report(uses), { accepted: 1, leftOut: 0 });
    assert.equal((await house.eventNames()).length, 1);
  });

  test('is found when the evidence comes after a mere claim about the same token', async () => {
    const house = await TestHouse.open();
    const { index, leafHash } = house.append();
    const token = house.forge();
    await house.report([house.use(token, { logIndex: index, leafHash })]);
    await house.pass(1000);
    assert.deepEqual(
      house.told.map(({ proven, severity }) => [proven, severity]),
      [[false, 'high']],
    );
    assert.deepEqual(await house.audit.listQuarantined(), []);
    await house.reportForged(token);
    await house.pass(1000);
    assert.deepEqual(classes(house), ['forged', 'forged']);
    assert.equal(house.told[1]?.uid, house.told[0]?.uid);
    assert.equal(house.told[1]?.proven, true);
    assert.equal((await house.audit.listQuarantined()).length, 1);
  });

  test('whose check gives no answer is asked about again, and holds up no other', async () => {
    const house = await TestHouse.open();
    const [bad, good] = [house.forge(), house.forge()];
    let away = true;
    const check = house.verifyEvidence.bind(house);
    house.verifyEvidence = (token) => {
      if (away && token === bad) throw new Error('the signer is away');
      return check(token);
    };
    await house.reportForged(bad);
    await house.reportForged(good);
    await assert.rejects(house.reconciler.tick(), AggregateError);
    assert.deepEqual(
      house.told.map(({ tokenHash }) => tokenHash),
      [sha256(good)],
    );
    away = false;
    await house.reconciler.tick();
    assert.deepEqual(
      house.told.map(({ tokenHash }) => tokenHash),
      [sha256(good), sha256(bad)],
    );
  });
});

describe('a lying reporter', () => {
  test('without the key cannot raise a forgery or have a key quarantined', async () => {
    const house = await TestHouse.open();
    const forged = house.forge();
    const broken = `${forged.slice(0, -6)}AAAAAA`;
    await house.reportForged(broken);
    await house.reportForged('not.a.token');
    await house.reportForged(forged, { tokenHash: sha256('something else') });
    await house.report(Array.from({ length: 50 }, () => house.use(newId(house.random))));
    await house.report([
      house.use('x', { decision: 'audit_failed', logIndex: 5, leafHash: sha256('y') }),
    ]);
    await house.pass(2000);
    assert.deepEqual(await house.audit.listQuarantined(), []);
    const [claim, ...others] = house.told;
    assert.deepEqual(others, [], 'one finding a day is what its word is worth');
    assert.equal(claim?.class, 'unissued');
    assert.equal(claim?.proven, false);
    assert.equal(claim?.subjectKey.startsWith('reporter:r-acme:'), true);
    assert.deepEqual(await house.store.read.selectFrom('evidence').selectAll().execute(), []);
  });

  test('cannot stop the judging by naming a place that the log does not have', async () => {
    const house = await TestHouse.open();
    const nowhere = { decision: 'accepted', logIndex: 1_000_000, leafHash: sha256('y') } as const;
    await house.report([house.use('nowhere', nowhere)]);
    await house.pass(2000);
    const token = house.forge();
    await house.reportForged(token);
    await house.pass(2000);
    const forged = house.told.filter(({ class: kind }) => kind === 'forged');
    assert.deepEqual(
      forged.map(({ tokenHash }) => tokenHash),
      [sha256(token)],
    );
  });

  test('of another tenant is not heard about issuers and audiences that are not its own', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    const stranger = { id: 'r-evil', tenant: 'evil' };
    const taken = await house.report([house.use(token)], stranger);
    assert.deepEqual(taken, { accepted: 0, leftOut: 1 });
    assert.deepEqual(await house.eventNames(), ['token.issued']);
  });

  test('cannot fill the evidence table', async () => {
    const house = await TestHouse.open();
    const uses = Array.from({ length: 450 }, (_, n) => {
      const token = `aaaa.${Buffer.from(`{"jti":"${n}"}`).toString('base64url')}.bbbb`;
      return house.use(token, { decision: 'refused', evidence: token });
    });
    await house.report(uses);
    const kept = await house.store.read.selectFrom('evidence').selectAll().execute();
    assert.equal(kept.length, 200);
  });
});

describe('issued = signed = logged', () => {
  test('a leaf without a ledger row is found after the grace, once, by its index', async () => {
    const house = await TestHouse.open();
    await house.issue();
    house.append();
    await house.issue();
    await house.pass(GRACE_MS - 1000);
    assert.deepEqual(house.told, []);
    await house.pass(2000);
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(
      house.told.map(({ class: name, subjectKey }) => [name, subjectKey]),
      [['unissued', 'log:1']],
    );
  });

  test('a signature without a ledger row is found, with its number and key', async () => {
    const house = await TestHouse.open();
    await house.issue();
    house.sign('stolen');
    house.sign('stolen too');
    await house.pass(3 * GRACE_MS);
    const [unissued, tally, ...more] = house.told.toSorted((a, b) => (a.class < b.class ? 1 : -1));
    assert.deepEqual([unissued?.reason, unissued?.severity], ['signed_but_not_issued', 'critical']);
    assert.equal(unissued?.subjectKey, `journal:${KID}:2`);
    assert.equal(tally?.message, `Key ${KID}: signature 2-3 have no token.`);
    assert.deepEqual(more, []);
    const [facts] = await house.extensions('token.unissued');
    assert.deepEqual(facts?.['extra'], {
      count: 2,
      numbers: '2-3',
      proven: true,
      secondsToAlarm: 0,
    });
  });

  test('a ledger row that comes after its leaf was judged is refused, so the token stays inside', async () => {
    const house = await TestHouse.open();
    const slow = house.build();
    await house.pass(2 * GRACE_MS);
    await assert.rejects(
      house.record(slow),
      (error) => isCodedError(error) && error.code === 'issued_too_late',
    );
  });

  test('a ledger row that comes while its leaf is being judged is looked at again', async () => {
    const house = await TestHouse.open();
    const slow = house.build({ facts: { parentJtiHash: sha256('never issued') } });
    await house.pass(GRACE_MS);
    const { transaction } = house.store;
    const racing = Object.assign(house.store, {
      async transaction(job: Parameters<typeof transaction>[0]) {
        racing.transaction = transaction;
        await house.record(slow);
        return transaction(job);
      },
    }) as typeof house.store;
    await house.pass(2000);
    assert.deepEqual(
      house.told.map(({ reason }) => reason),
      ['parent_unknown'],
      'not called unissued, and its lineage was still judged',
    );
  });

  test('progress is told in numbers that can be held against log and journal', async () => {
    const house = await TestHouse.open();
    await house.issue();
    await house.issue();
    await house.pass(12_000);
    const { log, journal } = house;
    assert.deepEqual(await house.audit.readProgress(), {
      issued: 2,
      abandoned: 0,
      keyEvents: 0,
      logJudgedBelow: log.length,
      journalJudgedBelow: journal.length + 1,
    });
  });

  test('an announced build that is slow, or whose answer was lost, raises nothing', async () => {
    const house = await TestHouse.open();
    const lost = Buffer.from(house.random.bytes(44));
    house.audit.expectBuild({ leafHash: Buffer.from(hashLeaf(lost)).toString('hex') });
    house.append(lost);
    const slow = house.build();
    const { leafHash, signingInputHash } = slow.issued;
    house.audit.expectBuild({ leafHash });
    house.audit.expectBuild({ leafHash, signingInputHash });
    await house.pass(3 * GRACE_MS);
    await assert.rejects(
      house.record(slow),
      (error) => isCodedError(error) && error.code === 'issued_too_late',
    );
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  test('an abandoned build raises nothing, whether it was signed or not', async () => {
    const house = await TestHouse.open();
    const unsigned = house.append();
    const signed = house.build();
    await house.audit.record([
      {
        name: 'token.abandoned',
        timeMs: 1,
        realm: REALM,
        token: { kind: 'access', leafHash: unsigned.leafHash },
      },
      {
        name: 'token.abandoned',
        timeMs: 1,
        realm: REALM,
        token: {
          kind: 'access',
          leafHash: signed.issued.leafHash,
          journalNumber: signed.issued.journalNumber,
        },
      },
    ]);
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  test('an abandoned build whose token is used after all is a forgery', async () => {
    const house = await TestHouse.open();
    const build = house.build();
    await house.audit.record([
      {
        name: 'token.abandoned',
        timeMs: 1,
        realm: REALM,
        token: { kind: 'access', leafHash: build.issued.leafHash },
        extra: { signingInputHash: build.issued.signingInputHash },
      },
    ]);
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
    await house.report([house.use(build.token, { logIndex: 0, leafHash: build.issued.leafHash })]);
    await house.pass(1000);
    assert.deepEqual(classes(house), ['forged']);
  });

  test('a build whose ledger row was refused is remembered as abandoned', async () => {
    const house = await TestHouse.open();
    await house.audit.revoke({ target: { realm: REALM, rootAuthId: 'root-1' }, reason: 'logout' });
    const build = house.build({ facts: { rootAuthId: 'root-1' } });
    await assert.rejects(
      house.record(build),
      (error) => isCodedError(error) && error.code === 'lineage_ended',
    );
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  test('a leaf that a retry logged twice raises nothing', async () => {
    const house = await TestHouse.open();
    const { index } = house.append();
    const twin = house.log[index];
    assert.ok(twin);
    const build = house.build();
    house.log[build.issued.logIndex] = twin;
    build.issued.leafHash = Buffer.from(hashLeaf(twin)).toString('hex');
    await house.record(build);
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  test('a leaf other than the one promised, and a shorter log or journal, are forks', async () => {
    const house = await TestHouse.open();
    const { issued } = await house.issue();
    await house.issue();
    house.log[issued.logIndex] = Buffer.alloc(44);
    const entry = house.journal[issued.journalNumber - 1];
    if (entry !== undefined) entry.signingInputHash = sha256('other');
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told.map(({ reason }) => reason).sort(), [
      'leaf_differs',
      'signature_differs',
    ]);
    house.log.pop();
    house.journal.pop();
    await house.pass(3000);
    assert.deepEqual(
      house.told
        .slice(2)
        .map(({ reason }) => reason)
        .sort(),
      ['journal_rolled_back', 'log_rolled_back'],
    );
  });
});

describe('a restart', () => {
  test('notes the builds it cut short once, as information, and never again', async () => {
    const house = await TestHouse.open();
    await house.issue();
    const [cut, late] = [house.append(), house.build()];
    assert.equal(cut.index, 1);
    await house.issue();
    await house.restart();
    assert.deepEqual(house.told.map(({ severity, reason }) => [severity, reason]).sort(), [
      ['info', 'leaves_cut_by_restart'],
      ['info', 'signatures_cut_by_restart'],
    ]);
    await house.restart();
    await house.pass(3 * GRACE_MS);
    assert.equal(house.told.length, 2);
    await house.report([
      house.use(late.token, { logIndex: late.issued.logIndex, leafHash: late.issued.leafHash }),
    ]);
    await house.pass(1000);
    assert.deepEqual(classes(house).slice(2), ['forged']);
  });

  test('does not excuse more than can have been in flight', async () => {
    const house = await TestHouse.open();
    house.append();
    for (let n = 0; n < 4096; n += 1) house.append();
    await house.restart();
    assert.deepEqual(classes(house), ['unissued']);
  });

  test('tells what it had found but not told', async () => {
    const house = await TestHouse.open();
    await house.reportForged(house.forge());
    const told = house.told.push.bind(house.told);
    house.told.push = () => {
      throw new Error('crash before the alarm was passed on');
    };
    await assert.rejects(house.reconciler.tick());
    house.told.push = told;
    await house.restart();
    assert.deepEqual(classes(house), ['forged']);
    await house.restart();
    assert.deepEqual(classes(house), ['forged']);
  });
});
