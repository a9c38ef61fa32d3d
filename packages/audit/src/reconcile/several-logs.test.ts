import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { openStore, type Store } from '@countersign/storage';
import { hashLeaf } from '@countersign/verifier';
import { CodedError, ManualClock } from '@countersign/vocabulary';
import fc from 'fast-check';
import { type Audit, createAudit, createReconciler } from '../audit.ts';
import { auditMigrations } from '../migrations.ts';
import { LogPlaces, registerLogs } from '../store/log-places.ts';
import type { AuditTables } from '../tables.ts';
import {
  AUDIENCE,
  closeHouses,
  ISSUER,
  REALM,
  REPORTER,
  TestHouse,
} from '../testing/open-house.ts';
import type { Finding } from './finding.ts';
import type { Reconciler } from './reconciler.ts';

const FIRST = 'id.example/log';
const SECOND = 'second.example/log';

/** The house of the other tests, with a second log beside the first that can be away. */
class TwoLogHouse {
  readonly house: TestHouse;
  readonly second: Uint8Array[] = [];
  readonly told: Finding[] = [];
  secondAnswers = true;
  firstAnswers = true;
  audit!: Audit;
  reconciler!: Reconciler;

  constructor(house: TestHouse) {
    this.house = house;
  }

  static async open(): Promise<TwoLogHouse> {
    const two = new TwoLogHouse(await TestHouse.open());
    await two.restart();
    return two;
  }

  async restart(): Promise<void> {
    const { house } = this;
    const { store, clock, random } = house;
    const logs = await registerLogs({ store, clock }, [FIRST, SECOND]);
    const product = { name: 'countersign', version: '0.1.0' };
    const ownership = {
      realmOfIssuer: (issuer: string) => (issuer === ISSUER ? REALM : undefined),
      ownsAudience: async () => true,
    };
    this.audit = createAudit({ store, clock, random, product, ownership, logs });
    const source = (entries: Uint8Array[], answers: () => boolean) => {
      return async (from: number, limit: number) => {
        if (!answers()) throw new CodedError('peer_gone', 'gone');
        if (from > entries.length) throw new CodedError('index_out_of_range', 'No such entry.');
        return { entries: entries.slice(from, from + limit), durableSize: entries.length };
      };
    };
    this.reconciler = createReconciler({
      audit: this.audit,
      readEntries: source(house.log, () => this.firstAnswers),
      moreLogs: [{ origin: SECOND, readEntries: source(this.second, () => this.secondAnswers) }],
      readJournal: async (from, limit) => ({
        entries: house.journal.slice(from - 1, from - 1 + limit),
        lastNumber: house.journal.length,
      }),
      verifyEvidence: (token) => house.verifyEvidence(token),
      onFinding: (finding) => {
        this.told.push(finding);
      },
    });
    await this.reconciler.catchUpAtBoot();
  }

  append(logOrigin: string, leaf: Uint8Array = Buffer.from(this.house.random.bytes(44))) {
    const entries = logOrigin === FIRST ? this.house.log : this.second;
    entries.push(leaf);
    const leafHash = Buffer.from(hashLeaf(leaf)).toString('hex');
    return { index: entries.length - 1, leafHash };
  }

  async issue(logOrigin: string, facts = {}) {
    const build = this.house.finish(this.append(logOrigin), { facts: { logOrigin, ...facts } });
    const event = { timeMs: this.house.clock.nowMs(), realm: REALM } as const;
    const { tokenHash, logIndex } = build.issued;
    const token = { kind: 'access', tokenHash, logIndex, logOrigin } as const;
    await this.audit.recordIssued(build.issued, [{ name: 'token.issued', ...event, token }]);
    return build;
  }

  async pass(ms: number): Promise<unknown[]> {
    const troubles: unknown[] = [];
    for (let left = ms; left > 0; left -= 1000) {
      this.house.clock.advanceMs(1000);
      await this.reconciler.tick().catch((error: AggregateError) => troubles.push(error));
    }
    return troubles;
  }
}

afterEach(closeHouses);

describe('a ledger of two logs', () => {
  it('keeps the same index of both apart', async () => {
    const two = await TwoLogHouse.open();
    const a = await two.issue(FIRST);
    const b = await two.issue(SECOND);
    assert.equal(a.issued.logIndex, b.issued.logIndex);
    assert.equal((await two.audit.findIssued(a.issued))?.tokenHash, a.issued.tokenHash);
    assert.deepEqual((await two.audit.findIssued(b.issued))?.logOrigin, SECOND);
    await two.audit.revoke({ target: b.issued, reason: 'administrator' });
    assert.equal(await two.audit.isRevoked(b.issued), true);
    assert.equal(await two.audit.isRevoked(a.issued), false);
    const lists = await two.audit.revocationBitmaps();
    assert.deepEqual(
      lists.map(({ origin, count }) => [origin, count]),
      [
        [FIRST, 0],
        [SECOND, 1],
      ],
    );
    await assert.rejects(two.issue('stranger.example/log'), { code: 'issued_malformed' });
  });

  it('is compared with both, and finds a stray leaf in either by its own name', async () => {
    const two = await TwoLogHouse.open();
    for (let n = 0; n < 3; n += 1) await two.issue(n === 1 ? FIRST : SECOND);
    await two.pass(10_000);
    assert.equal(two.told.length, 0);
    assert.deepEqual((await two.audit.readProgress()).moreLogs, [
      { origin: SECOND, judgedBelow: 2 },
    ]);
    two.append(SECOND);
    await two.pass(10_000);
    const [finding, ...others] = two.told;
    assert.deepEqual(others, []);
    assert.equal(finding?.reason, 'logged_but_not_issued');
    assert.deepEqual([finding?.logOrigin, finding?.logIndex], [SECOND, 2]);
  });

  it('refuses a row behind what was judged of its own log, and of no other', async () => {
    const two = await TwoLogHouse.open();
    await two.issue(SECOND);
    const late = two.append(SECOND);
    await two.pass(10_000);
    const build = two.house.finish(late, { facts: { logOrigin: SECOND } });
    const event = { name: 'token.issued', timeMs: 1, realm: REALM } as const;
    await assert.rejects(two.audit.recordIssued(build.issued, [event]), {
      code: 'issued_too_late',
    });
    await two.issue(FIRST);
  });

  it('goes on with one log and the journal while the other is away, and makes up for it', async () => {
    const two = await TwoLogHouse.open();
    two.firstAnswers = false;
    two.append(SECOND);
    assert.ok((await two.pass(10_000)).length > 0, 'the missing log is trouble');
    assert.deepEqual(
      two.told.map(({ logOrigin }) => logOrigin),
      [SECOND],
    );
    two.append(FIRST);
    two.firstAnswers = true;
    await two.pass(10_000);
    assert.deepEqual(
      two.told.map(({ logOrigin }) => logOrigin),
      [SECOND, FIRST],
    );
  });

  it('knows which token of a root was the first, in whichever log it stands', async () => {
    for (const [log, other] of [
      [FIRST, SECOND],
      [SECOND, FIRST],
    ] as const) {
      const two = await TwoLogHouse.open();
      const rootAuthId = 'r'.repeat(22);
      await two.issue(log, { rootAuthId, subject: 'p-1' });
      const { issued } = await two.issue(other, { rootAuthId, subject: 'thief' });
      await two.issue(log, { rootAuthId, subject: 'p-1' });
      await two.pass(10_000);
      assert.deepEqual(
        two.told.map(({ reason, tokenHash }) => [reason, tokenHash]),
        [['person_differs', issued.tokenHash]],
      );
    }
  });

  it('tells of uses while the log that one of them names is away', async () => {
    const two = await TwoLogHouse.open();
    two.secondAnswers = false;
    const stray = { leafHash: 'ab'.repeat(32), logIndex: 0, logOrigin: SECOND };
    const token = two.house.forge();
    const uses = [two.house.use(two.house.forge(), stray)];
    const code = 'receipt_missing';
    uses.push(two.house.use(token, { decision: 'audit_failed', code, audience: [AUDIENCE] }));
    await two.audit.recordUses(REPORTER, { verifier: { name: 'mail', version: '1' }, uses });
    await two.pass(2000);
    assert.deepEqual(
      two.told.map(({ reason, count }) => [reason, count]),
      [['accepted_unproven', 2]],
    );
  });

  it('names the log that was cut', async () => {
    const two = await TwoLogHouse.open();
    await two.issue(FIRST);
    await two.issue(SECOND);
    await two.pass(10_000);
    two.second.length = 0;
    await two.pass(2000);
    assert.deepEqual(
      two.told.map(({ reason, logOrigin, logIndex }) => [reason, logOrigin, logIndex]),
      [['log_rolled_back', SECOND, 0]],
    );
  });

  it('keeps what is known of a build whose leaf was in doubt before it was given up', async () => {
    const two = await TwoLogHouse.open();
    const leaf = Buffer.from(two.house.random.bytes(44));
    const { leafHash } = two.append(FIRST, leaf);
    two.audit.doubtLeaf(leafHash);
    await two.reconciler.tick();
    const { issued } = two.house.finish(two.append(SECOND, leaf), {});
    const { journalNumber, signingInputHash, logIndex } = issued;
    const token = {
      kind: 'access',
      leafHash,
      logIndex,
      logOrigin: SECOND,
      journalNumber,
    } as const;
    const timeMs = two.house.clock.nowMs();
    const extra = { signingInputHash };
    await two.audit.record([{ name: 'token.abandoned', timeMs, realm: REALM, token, extra }]);
    await two.pass(10_000);
    assert.deepEqual(two.told, []);
    assert.equal((await two.audit.readProgress()).abandoned, 1);
  });

  it('takes a leaf that was in doubt for what it is, however late its log comes back', async () => {
    const two = await TwoLogHouse.open();
    const { leafHash } = two.append(FIRST);
    two.firstAnswers = false;
    two.audit.doubtLeaf(leafHash);
    await two.issue(SECOND);
    await two.pass(5000);
    two.house.clock.advanceMs(24 * 3_600_000);
    two.firstAnswers = true;
    await two.pass(10_000);
    assert.deepEqual(two.told, []);
  });

  it('excuses what the last stop cut short in a log that was away at the start, and nothing later', async () => {
    const two = await TwoLogHouse.open();
    await two.issue(SECOND);
    two.append(SECOND);
    two.secondAnswers = false;
    await two.restart();
    await two.pass(10_000);
    two.secondAnswers = true;
    await two.pass(10_000);
    assert.deepEqual(
      two.told.map((finding) => finding.reason),
      ['leaves_cut_by_restart'],
    );
    two.append(SECOND);
    await two.pass(10_000);
    assert.equal(two.told.at(-1)?.reason, 'logged_but_not_issued');
  });

  it('does not start to judge while no log answers', async () => {
    const two = await TwoLogHouse.open();
    two.firstAnswers = false;
    two.secondAnswers = false;
    await assert.rejects(two.restart(), { code: 'peer_gone' });
  });
});

describe('the logs of a house', () => {
  async function openEmpty(): Promise<Store<AuditTables>> {
    return openStore<AuditTables>({
      memory: true,
      migrations: auditMigrations,
      clock: new ManualClock(),
    });
  }

  it('keep their numbers, also when one is given up and another comes', async () => {
    const store = await openEmpty();
    const parts = { store, clock: new ManualClock() };
    assert.deepEqual(await registerLogs(parts, [FIRST]), [FIRST]);
    assert.deepEqual(await registerLogs(parts, [FIRST, SECOND]), [FIRST, SECOND]);
    assert.deepEqual(await registerLogs(parts, [FIRST, 'c/log']), [FIRST, SECOND, 'c/log']);
    assert.deepEqual(await registerLogs(parts, [FIRST]), [FIRST, SECOND, 'c/log']);
    await assert.rejects(registerLogs(parts, [SECOND, FIRST]), { code: 'log_changed' });
    await store.close();
  });

  it('give each leaf a place of its own, and the first log its indexes', () => {
    const places = new LogPlaces(['a', 'b', 'c']);
    const index = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(index, fc.constantFrom('a', 'b', 'c'), (logIndex, logOrigin) => {
        const place = places.placeOf({ logIndex, logOrigin }) ?? assert.fail();
        assert.deepEqual(places.describe(place), { logIndex, logOrigin });
        if (logOrigin === 'a') assert.equal(place, logIndex);
      }),
    );
    assert.equal(places.placeOf({ logIndex: 2 ** 48 }), undefined);
    assert.equal(places.placeOf({ logIndex: 0, logOrigin: 'd' }), undefined);
    assert.deepEqual(new LogPlaces().describe(7), { logIndex: 7 });
  });
});
