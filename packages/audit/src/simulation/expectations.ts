// For the simulation: what must be found in the end, and nothing else.

import assert from 'node:assert/strict';
import type { Finding } from '../reconcile/finding.ts';
import { KID, type TestHouse } from '../testing/open-house.ts';

export class Expectations {
  /** `class token:HASH` of each attack on or with one token. */
  readonly findings = new Set<string>();
  /** Leaves and signatures of an attacker. */
  readonly strayLeaves = new Set<number>();
  readonly straySignatures = new Set<number>();
  /** Honest builds that a crash cut. */
  readonly cutLeaves = new Set<number>();
  readonly cutSignatures = new Set<number>();
  /** How often each forged token was shown, by its hash. */
  readonly shown = new Map<string, number>();
  /** Signatures that a thief inside the signer made past the journal since it started. */
  pastTheJournal = 0;
  #wasPastTheJournal = false;
  forgeryProven = false;
  liarSpoke = false;

  async check(house: TestHouse): Promise<void> {
    const findings = await house.audit.listFindings({ limit: 1000 });
    const keyed = findings
      .filter(({ subjectKey }) => subjectKey.startsWith('token:'))
      .map(({ class: name, subjectKey }) => `${name} ${subjectKey}`);
    const unexpected = keyed.filter((key) => !this.findings.has(key));
    assert.deepEqual(unexpected, [], 'false alarms');
    const missed = [...this.findings].filter((key) => !keyed.includes(key));
    assert.deepEqual(missed, [], 'missed attacks');
    assert.equal(new Set(keyed).size, keyed.length, 'one finding each');
    for (const { class: name, tokenHash = '', count } of findings) {
      const shown = this.shown.get(tokenHash);
      if (name === 'forged' && shown !== undefined) assert.equal(count, shown, 'times shown');
    }
    this.#checkNumbers(await numbersOf(house));
    this.#checkTally(findings);
    const forks = findings.filter(({ class: name }) => name === 'forked');
    assert.deepEqual(forks, [], 'false forks');
    const claims = findings.filter(({ subjectKey }) => subjectKey.startsWith('reporter:'));
    assert.equal(claims.length, this.liarSpoke ? 1 : 0, 'claims of the liar');
    const quarantined = (await house.audit.listQuarantined()).map(({ kid }) => kid);
    assert.deepEqual(quarantined, this.forgeryProven ? [KID] : [], 'quarantine');
    await checkEvents(house, findings);
  }

  /** Of the one key, numbers of the journal are numbers of the key. */
  #checkTally(findings: readonly Finding[]): void {
    const tallies = findings.filter(({ class: name }) => name === 'tally');
    const named = (reason: string) => tallies.filter((finding) => finding.reason === reason);
    const strays = named('signature_without_token').flatMap(({ message }) =>
      expand(/signature ([\d,-]+)/.exec(message)?.[1] ?? ''),
    );
    for (const number of strays) {
      assert.ok(this.straySignatures.has(number), `honest signature ${number} without a token`);
    }
    const past = named('signature_outside_journal');
    // What a crash of the signer took from its memory nobody can count any more.
    if (this.pastTheJournal > 0) assert.ok(past.length > 0, 'signatures past the journal missed');
    else if (!this.#wasPastTheJournal) assert.equal(past.length, 0, 'false alarm of the custody');
    const expected = strays.length > 0 ? named('signature_without_token').length : 0;
    assert.equal(
      tallies.length,
      past.length + expected,
      `false tallies: ${tallies.map(({ message }) => message)}`,
    );
  }

  /** The signer started anew, and counts from nothing. */
  forgetCounts(): void {
    this.#wasPastTheJournal ||= this.pastTheJournal > 0;
    this.pastTheJournal = 0;
  }

  #checkNumbers(found: Numbers): void {
    const each = (list: number[]) => {
      assert.equal(new Set(list).size, list.length, 'each number is named once');
      return list;
    };
    const leaves = new Set(each([...found.unissuedLeaves, ...found.interruptedLeaves]));
    const signatures = new Set(each([...found.unissuedSignatures, ...found.interruptedSignatures]));
    for (const leaf of this.strayLeaves) assert.ok(leaves.has(leaf), `stray leaf ${leaf} missed`);
    for (const number of this.straySignatures) {
      assert.ok(signatures.has(number), `stray signature ${number} missed`);
    }
    for (const leaf of found.unissuedLeaves) {
      assert.ok(this.strayLeaves.has(leaf), `honest leaf ${leaf} called unissued`);
    }
    for (const number of found.unissuedSignatures) {
      assert.ok(this.straySignatures.has(number), `honest signature ${number} called unissued`);
    }
    // A crash cannot tell an attacker's leaf of its last seconds from a build it cut.
    for (const leaf of found.interruptedLeaves) {
      assert.ok(this.cutLeaves.has(leaf) || this.strayLeaves.has(leaf), `leaf ${leaf} was not cut`);
    }
    for (const number of found.interruptedSignatures) {
      const known = this.cutSignatures.has(number) || this.straySignatures.has(number);
      assert.ok(known, `signature ${number} was not cut`);
    }
  }
}

interface Numbers {
  unissuedLeaves: number[];
  unissuedSignatures: number[];
  interruptedLeaves: number[];
  interruptedSignatures: number[];
}

async function numbersOf(house: TestHouse): Promise<Numbers> {
  const named = async (name: 'token.unissued' | 'token.interrupted', reason: string) => {
    const facts = await house.extensions(name);
    return facts
      .filter((fact) => fact['reason'] === reason)
      .flatMap((fact) => expand(String((fact['extra'] as { numbers: string }).numbers)));
  };
  return {
    unissuedLeaves: await named('token.unissued', 'logged_but_not_issued'),
    unissuedSignatures: await named('token.unissued', 'signed_but_not_issued'),
    interruptedLeaves: await named('token.interrupted', 'leaves_cut_by_restart'),
    interruptedSignatures: await named('token.interrupted', 'signatures_cut_by_restart'),
  };
}

function expand(ranges: string): number[] {
  return ranges.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
}

/** Whatever crashed: a finding has one event, or two when a claim was later proven. */
async function checkEvents(house: TestHouse, findings: Finding[]): Promise<void> {
  const events = await house.audit.listEvents({
    limit: 1000,
    names: ['token.forged', 'token.replayed', 'token.stolen', 'token.laundered'],
  });
  const keyed = findings.filter(({ subjectKey }) => subjectKey.startsWith('token:'));
  for (const finding of keyed) assert.ok(events.some(({ uid }) => uid === finding.eventUid));
  const proven = keyed.filter((finding) => finding.proven).length;
  assert.ok(events.length >= keyed.length && events.length <= keyed.length + proven);
  const told = new Set(house.told.map(({ uid }) => uid));
  for (const finding of findings) assert.ok(told.has(finding.uid), 'each finding was told');
}
