import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Judgement } from './judge/judgement.ts';
import { Reconciliation } from './reconcile.ts';
import { END_MS, HOUR, type Used, Week } from './testing/simulate-thief.ts';
import { DEFAULT_TOLERANCES } from './tolerances.ts';

const SEEDS = Number(process.env['COUNTERSIGN_SEEDS'] ?? 60);
const FIRST = Number(process.env['COUNTERSIGN_SEED'] ?? 1);

interface Told extends Used {
  judgement: Judgement;
}

function judgeWeek(week: Week): Told[] {
  const run = new Reconciliation();
  for (const each of week.issued) run.addIssued(each);
  for (const gap of week.gaps) run.addGap(gap);
  const told: Told[] = [];
  for (const each of week.used) {
    const judgement = run.addUsed(each.use);
    if (judgement !== undefined) told.push({ ...each, judgement });
  }
  return told;
}

function forSeeds(check: (told: Told[], week: Week) => void): void {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
    try {
      const week = new Week(seed);
      check(judgeWeek(week), week);
    } catch (error) {
      throw new Error(`seed ${seed} failed: COUNTERSIGN_SEED=${seed} COUNTERSIGN_SEEDS=1`, {
        cause: error,
      });
    }
  }
}

/** Whether the logs that are left hold what is needed to know. */
function isFindable({ use, theft }: Told, { gaps }: Week): boolean {
  const { facts, timeMs } = use;
  const kind = theft?.expected;
  if (kind === 'after_revocation') return facts.sessions !== undefined;
  if (facts.tokens === undefined) return false;
  const begins = Date.UTC(2026, 10, 2);
  const issuedMs = facts.tokenIssuedMs;
  const fromMs =
    issuedMs === undefined ? timeMs - DEFAULT_TOLERANCES.longestTokenMs : issuedMs - HOUR;
  const ahead = kind === 'other_network' ? DEFAULT_TOLERANCES.roamingAheadMs : 0;
  const lost = gaps.some((gap) => fromMs - HOUR <= gap.toMs && timeMs + HOUR + ahead >= gap.fromMs);
  return !lost && fromMs >= begins && timeMs + ahead < END_MS - HOUR;
}

describe('a week with a thief', () => {
  test('accuses no honest use, whatever was late, lost, repeated or without ids', () => {
    forSeeds((told) => {
      for (const { use, theft, judgement } of told)
        if (theft === undefined) assert.deepEqual(judgement.verdicts, [], JSON.stringify(use));
    });
  });

  test('finds every theft that the logs can show', () => {
    const found = new Map<string, number>();
    forSeeds((told, week) => {
      for (const each of told) {
        const { theft, judgement, use } = each;
        if (theft === undefined || !isFindable(each, week)) continue;
        const classes = judgement.verdicts.map((verdict) => verdict.class);
        assert.ok(
          classes.includes(theft.expected),
          `${theft.kind}: ${JSON.stringify({ use, judgement })}`,
        );
        found.set(theft.kind, (found.get(theft.kind) ?? 0) + 1);
      }
    });
    // A simulation that never comes to a kind of theft would pass, too.
    if (SEEDS >= 20) assert.equal(found.size, 7, JSON.stringify([...found]));
  });

  test('calls a forged use that it cannot show undecided or not joinable, and joins none by its token', () => {
    let hidden = 0;
    forSeeds((told) => {
      for (const { use, theft, judgement } of told) {
        if (theft?.expected !== 'never_issued' || judgement.verdicts.length > 0) continue;
        hidden += 1;
        // A record that names only a session, and a true one, cannot be told from the person's own.
        const allowed =
          use.facts.tokens === undefined
            ? ['undecided', 'unjoinable', 'weak', 'session']
            : ['undecided'];
        assert.ok(allowed.includes(judgement.outcome), JSON.stringify({ use, judgement }));
      }
    });
    if (SEEDS >= 20) assert.ok(hidden > 0);
  });

  test('the simulation can fail: an issuer that loses records without a word makes thieves', () => {
    const week = new Week(1);
    week.issued.splice(0, week.issued.length >> 1);
    const accused = judgeWeek(week).filter(
      ({ theft, judgement }) => theft === undefined && judgement.verdicts.length > 0,
    );
    assert.ok(accused.length > 0);
    // And says how sure it is: whose session is known, a lost record would explain.
    const classes = accused.flatMap(({ judgement }) => judgement.verdicts);
    assert.ok(
      classes.every(({ class: name }) => name === 'never_issued' || name === 'other_network'),
    );
  });
});
