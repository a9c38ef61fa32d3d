import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import { type Audit, createAudit, createReconciler } from '../audit.ts';
import { registerSigners } from '../store/signer-places.ts';
import { closeHouses, GRACE_MS, ISSUER, KID, REALM, TestHouse } from '../testing/open-house.ts';
import type { Finding } from './finding.ts';
import type { Reconciler } from './reconciler.ts';
import type { JournalledSignature } from './sources.ts';

const FIRST = 'first';
const SECOND = 'second';
const OTHER_KID = 'es-2';

/** The house of the other tests, with a second signer beside the first that can be away. */
class TwoSignerHouse {
  readonly house: TestHouse;
  readonly second: JournalledSignature[] = [];
  readonly told: Finding[] = [];
  secondAnswers = true;
  firstAnswers = true;
  audit!: Audit;
  reconciler!: Reconciler;

  constructor(house: TestHouse) {
    this.house = house;
  }

  static async open(): Promise<TwoSignerHouse> {
    const two = new TwoSignerHouse(await TestHouse.open());
    await two.restart();
    return two;
  }

  async restart(): Promise<void> {
    const { house } = this;
    const { store, clock, random } = house;
    const signers = await registerSigners({ store, clock }, [FIRST, SECOND]);
    const product = { name: 'countersign', version: '0.1.0' };
    const ownership = {
      realmOfIssuer: (issuer: string) => (issuer === ISSUER ? REALM : undefined),
      ownsAudience: async () => true,
    };
    this.audit = createAudit({ store, clock, random, product, ownership, signers });
    const source = (entries: JournalledSignature[], answers: () => boolean) => {
      return async (from: number, limit: number) => {
        if (!answers()) throw new CodedError('peer_gone', 'gone');
        const lastNumber = entries.length;
        return { entries: entries.slice(from - 1, from - 1 + limit), lastNumber };
      };
    };
    this.reconciler = createReconciler({
      audit: this.audit,
      readEntries: async (from, limit) => ({
        entries: house.log.slice(from, from + limit),
        durableSize: house.log.length,
      }),
      readJournal: source(house.journal, () => this.firstAnswers),
      moreSigners: [{ name: SECOND, readJournal: source(this.second, () => this.secondAnswers) }],
      verifyEvidence: (token) => house.verifyEvidence(token),
      onFinding: (finding) => {
        this.told.push(finding);
      },
    });
    await this.reconciler.catchUpAtBoot();
  }

  /** Logged, and signed by that signer. */
  build(signer: string) {
    if (signer === FIRST) return this.house.build({ facts: { signer } });
    const { issued, token } = this.house.build();
    // What the first signer numbered is taken back and numbered by the second.
    const { signingInputHash } = this.house.journal.pop() as JournalledSignature;
    const number = this.second.length + 1;
    this.second.push({ number, keyNumber: number, kid: OTHER_KID, signingInputHash });
    const place = { signer, journalNumber: number, keyNumber: number };
    return { token, issued: { ...issued, ...place, kid: OTHER_KID } };
  }

  async issue(signer: string) {
    const build = this.build(signer);
    const { tokenHash, logIndex } = build.issued;
    const token = { kind: 'access', tokenHash, logIndex } as const;
    const event = { timeMs: this.house.clock.nowMs(), realm: REALM } as const;
    await this.audit.recordIssued(build.issued, [{ name: 'token.issued', ...event, token }]);
    return build;
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.house.clock.advanceMs(1000);
      await this.reconciler.tick().catch(() => undefined);
    }
  }

  reasons(): string[] {
    return this.told.map(({ reason }) => reason).sort();
  }
}

afterEach(closeHouses);

describe('a ledger of two signers', () => {
  it('keeps the same number of both apart, and raises no alarm', async () => {
    const two = await TwoSignerHouse.open();
    for (let at = 0; at < 3; at += 1) {
      await two.issue(FIRST);
      await two.issue(SECOND);
    }
    const { issued } = await two.issue(SECOND);
    await two.pass(2 * GRACE_MS);
    assert.deepEqual(two.told, []);
    const found = await two.audit.findIssued({ tokenHash: issued.tokenHash });
    assert.deepEqual([found?.signer, found?.journalNumber], [SECOND, 4]);
    const progress = await two.audit.readProgress();
    assert.equal(progress.journalJudgedBelow, 4);
    assert.deepEqual(progress.moreSigners, [{ name: SECOND, judgedBelow: 5 }]);
  });

  it('reads a ledger from before there was a second signer as it is', async () => {
    const house = await TestHouse.open();
    const { issued } = await house.issue();
    await house.pass(2 * GRACE_MS);
    const two = new TwoSignerHouse(house);
    await two.restart();
    await two.issue(FIRST);
    await two.issue(SECOND);
    await two.pass(2 * GRACE_MS);
    assert.deepEqual(two.told, []);
    const found = await two.audit.findIssued({ tokenHash: issued.tokenHash });
    assert.deepEqual([found?.signer, found?.journalNumber], [FIRST, 1]);
  });

  it('finds a stray signature of either, by its own number', async () => {
    const two = await TwoSignerHouse.open();
    await two.issue(FIRST);
    two.build(SECOND);
    await two.pass(2 * GRACE_MS);
    assert.deepEqual(two.reasons(), [
      'logged_but_not_issued',
      'signature_without_token',
      'signed_but_not_issued',
    ]);
    const [facts] = await two.house.extensions('key.tally_differs');
    assert.deepEqual([facts?.['signer'], facts?.['kid']], [SECOND, OTHER_KID]);
  });

  it('goes on with one while the other is away, and excuses what a crash cut when it is back', async () => {
    const two = await TwoSignerHouse.open();
    await two.issue(SECOND);
    two.build(SECOND);
    two.secondAnswers = false;
    await two.restart();
    two.house.sign('stolen');
    await two.issue(FIRST);
    await two.pass(3 * GRACE_MS);
    assert.ok(two.reasons().includes('signed_but_not_issued'));
    assert.ok(!two.reasons().includes('signatures_cut_by_restart'));
    two.secondAnswers = true;
    await two.pass(3 * GRACE_MS);
    assert.ok(two.reasons().includes('signatures_cut_by_restart'));
    two.second.push({
      number: 3,
      keyNumber: 3,
      kid: OTHER_KID,
      signingInputHash: 'ef'.repeat(32),
    });
    await two.pass(3 * GRACE_MS);
    const strays = two.told.filter(({ reason }) => reason === 'signed_but_not_issued');
    assert.deepEqual(strays.map(({ kid }) => kid).sort(), [KID, OTHER_KID]);
  });

  it('does not start when neither answers', async () => {
    const two = await TwoSignerHouse.open();
    Object.assign(two, { firstAnswers: false, secondAnswers: false });
    await assert.rejects(two.restart(), (error) => isCodedError(error));
  });

  it('watches each journal for what it once promised', async () => {
    const two = await TwoSignerHouse.open();
    await two.issue(FIRST);
    for (let at = 0; at < 3; at += 1) await two.issue(SECOND);
    await two.pass(2 * GRACE_MS);
    two.second.pop();
    await two.pass(2000);
    assert.deepEqual(two.reasons(), ['journal_rolled_back']);
    const [facts] = await two.house.extensions('log.forked');
    assert.deepEqual([facts?.['signer'], facts?.['journal_number']], [SECOND, 3]);
  });

  it('tells of a key that signs in the journals of both: a folder that was copied', async () => {
    const two = await TwoSignerHouse.open();
    await two.issue(FIRST);
    await two.pass(2 * GRACE_MS);
    two.second.push({ number: 1, keyNumber: 2, kid: KID, signingInputHash: 'ef'.repeat(32) });
    await two.pass(2 * GRACE_MS);
    assert.ok(two.reasons().includes('key_in_two_journals'));
  });

  it('refuses a row of a signer that is none of ours, and a row that comes too late for its journal', async () => {
    const two = await TwoSignerHouse.open();
    const { issued } = two.build(SECOND);
    const event = { name: 'token.issued', timeMs: 1, realm: REALM } as const;
    const recording = (facts: object) => two.audit.recordIssued({ ...issued, ...facts }, [event]);
    const refused = (code: string) => (error: unknown) =>
      isCodedError(error) && error.code === code;
    await assert.rejects(recording({ signer: 'nobody' }), refused('issued_malformed'));
    await two.pass(2 * GRACE_MS);
    two.house.append();
    const { index, leafHash } = two.house.append();
    await assert.rejects(recording({ logIndex: index, leafHash }), refused('issued_too_late'));
  });

  it('stays with the signers it began with', async () => {
    const two = await TwoSignerHouse.open();
    const { store, clock } = two.house;
    assert.deepEqual(await registerSigners({ store, clock }, [FIRST]), [FIRST, SECOND]);
    await assert.rejects(
      registerSigners({ store, clock }, [SECOND, FIRST]),
      (error) => isCodedError(error) && error.code === 'signer_changed',
    );
  });
});
