// The quick way against the literal one, over small worlds in which everything collides with everything.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Activity } from './activity.ts';
import { Reconciliation } from './reconcile.ts';
import { type Logs, literalVerdict } from './testing/literal.ts';
import { DEFAULT_TOLERANCES, type Tolerances } from './tolerances.ts';

const TOLERANCES: Tolerances = {
  ...{
    skewMs: 1,
    quietMs: 24 * 3_600_000,
    latenessMs: 2,
    longestTokenMs: 10,
    longestSessionMs: 15,
  },
  ...{ revocationMs: 2, roamingBackMs: 6, roamingAheadMs: 3 },
};

const maybe = <T>(values: readonly T[]) =>
  fc.option(fc.constantFrom(...values), { nil: undefined });
const some = (values: readonly string[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }), {
    nil: undefined,
  });
const moment = fc.integer({ min: 0, max: 40 });

function activities(kinds: readonly Activity['facts']['kind'][], source: string) {
  return fc
    .array(
      fc
        .record({
          timeMs: moment,
          kind: fc.constantFrom(...kinds),
          outcome: fc.constantFrom('success' as const, 'unknown' as const, 'failure' as const),
          tokens: some(['uti:a', 'uti:b', 'uti:c', 'jti:a', 'key:ASIA1', 'key:AKIA1']),
          sessions: some(['sid:1', 'sid:2', 'sid:3']),
          persons: some(['oid:x', 'oid:y', 'upn:x']),
          client: maybe(['web', 'phone']),
          asn: maybe(['1', '2', '3']),
          gap: maybe([undefined, undefined, 'aggregated' as const, 'throttled' as const]),
          tokenIssuedMs: fc.option(moment, { nil: undefined }),
          tokenExpiresMs: fc.option(moment, { nil: undefined }),
        })
        .map(({ timeMs, ...facts }) => ({ timeMs, facts: { ...facts, operation: facts.kind } })),
      { maxLength: 7 },
    )
    .map((all) =>
      all.map(
        ({ timeMs, facts }, at): Activity => ({
          ...{ at: `${source}:${at}`, source, key: `${source} ${at}`, timeMs },
          facts: JSON.parse(JSON.stringify(facts)) as Activity['facts'],
        }),
      ),
    );
}

const worlds = fc.record({
  issued: activities(['sign_in', 'token', 'token', 'revocation', 'other'], 'entra-sign-in'),
  revoked: activities(['revocation'], 'entra-audit'),
  used: activities(['access', 'access', 'change'], 'microsoft-365'),
});

function reconcile({ issued, revoked, used }: Logs) {
  const run = new Reconciliation({ tolerances: TOLERANCES });
  for (const each of issued) run.addIssued(each);
  for (const each of revoked) run.addRevoked(each);
  const judged = used.map((use) => ({ use, judgement: run.addUsed(use) }));
  return { judged, report: run.report() };
}

describe('reconciling', () => {
  test('judges every use as the rules say, word by word', () => {
    fc.assert(
      fc.property(worlds, (logs) => {
        for (const { use, judgement } of reconcile(logs).judged) {
          assert.ok(judgement);
          const classes = [...new Set(judgement.verdicts.map((each) => each.class))].sort();
          const { outcome, why } = judgement;
          const expected = literalVerdict(use, logs, TOLERANCES);
          assert.deepEqual({ outcome, why, classes }, expected);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('says the same whatever the order of what was issued, revoked and used, and however often', () => {
    fc.assert(
      fc.property(
        worlds,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (logs, chance) => {
          const shuffle = <T>(list: T[]): T[] =>
            [...list, ...list]
              .map((each) => ({ each, by: chance.next().value as number }))
              .sort((a, b) => a.by - b.by)
              .map(({ each }) => each);
          const { issued, revoked, used } = logs;
          // Two issues of one moment are told apart by which came first, in words only.
          const told = ({ report }: ReturnType<typeof reconcile>) => ({
            total: { ...report.used, records: 0, duplicates: 0, others: 0 },
            operations: report.operations,
            uses: report.findings
              .filter(
                (each) => !(each.class === 'reused_id' && each.issued?.at === each.records[0]),
              )
              .map(({ class: name, id }) => `${name} ${id}`)
              .sort(),
          });
          const distinct = issued.filter(
            ({ timeMs }, at) => issued.findIndex((other) => other.timeMs === timeMs) === at,
          );
          assert.deepEqual(
            told(
              reconcile({
                issued: shuffle(distinct),
                revoked: shuffle(revoked),
                used: shuffle(used),
              }),
            ),
            told(reconcile({ issued: distinct, revoked, used })),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test('counts every use once: joined, unissued, undecided or unjoinable', () => {
    fc.assert(
      fc.property(worlds, (logs) => {
        const { used, operations } = reconcile(logs).report;
        const parts = ['token', 'session', 'weak', 'unissued', 'undecided', 'unjoinable'] as const;
        const sum = parts.reduce((total, part) => total + used[part], 0);
        assert.equal(sum, used.uses);
        assert.equal(used.uses, logs.used.length);
        assert.equal(
          operations.reduce((total, { uses }) => total + uses, 0),
          used.uses,
        );
        const why = Object.values(used.why).reduce((total, count) => total + count, 0);
        assert.equal(why, used.undecided + used.unjoinable);
      }),
    );
  });

  test('with room for few issues accuses nobody whose token is no older than tokens are', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 2, max: 6 }), (logs, mostIssues) => {
        const run = new Reconciliation({ tolerances: TOLERANCES, limits: { mostIssues } });
        for (const each of logs.issued) run.addIssued(each);
        for (const use of logs.used) {
          if (run.addUsed(use)?.outcome !== 'unissued') continue;
          const { outcome } = literalVerdict(use, { ...logs, revoked: [] }, TOLERANCES);
          const { tokens = [], sessions = [], tokenIssuedMs = Infinity } = use.facts;
          const ids = [...tokens, ...sessions];
          const tooOld = logs.issued.some(
            ({ timeMs, facts }) =>
              [...(facts.tokens ?? []), ...(facts.sessions ?? [])].some((id) => ids.includes(id)) &&
              (timeMs < use.timeMs - TOLERANCES.longestTokenMs || timeMs < tokenIssuedMs - 1),
          );
          assert.ok(outcome === 'unissued' || tooOld, JSON.stringify(use));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test('tolerances are those that the documentation names', () => {
  const hours = (ms: number) => ms / 3_600_000;
  assert.deepEqual(Object.values(DEFAULT_TOLERANCES).map(hours), [
    1 / 6,
    0.25,
    24,
    28,
    168,
    1 / 12,
    24,
    2,
  ]);
});
