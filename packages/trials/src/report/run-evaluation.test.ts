import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { placeAttacks } from '../attackers/place-attacks.ts';
import { Freeman } from '../baselines/freeman.ts';
import { generateWorld } from '../generator/generate-world.ts';
import { renderReport } from './render-report.ts';
import { runEvaluation } from './run-evaluation.ts';
import { judgeAudit, type TrialReport } from './trial-report.ts';

const order = { seed: 7, made: '2026-01-01T00:00:00.000Z', quick: true, users: 2000, trees: 15 };

describe('an evaluation of a small world', () => {
  const report = runEvaluation(order);
  const { models } = report;
  const recall = (name: string, kind: 'naive' | 'vpn' | 'targeted') =>
    models[name]?.recallAtFpr1[kind] ?? Number.NaN;

  test('puts everybody in the order that is known: chance, Freeman, the learned head', () => {
    assert.deepEqual(Object.keys(models), [
      ...['random', 'freeman', 'isolation-forest', 'logistic'],
      ...['relation', 'targeted', 'countersign'],
    ]);
    for (const kind of ['naive', 'vpn'] as const) {
      assert.ok(recall('random', kind) < 0.05);
      assert.ok(recall('freeman', kind) > 0.15);
      assert.ok(recall('relation', kind) > 1.4 * recall('freeman', kind));
    }
    const ranks = (name: string) => models[name]?.auc.targeted ?? Number.NaN;
    assert.ok(ranks('targeted') > ranks('freeman') + 0.1);
    assert.ok(recall('countersign', 'naive') > recall('freeman', 'naive'));
  });

  test('has an interval around every figure, and knows that nobody is found by a fingerprint', () => {
    const [low, high] = models['freeman']!.intervals.recallAtFpr1.naive!;
    assert.ok(low < recall('freeman', 'naive') && recall('freeman', 'naive') < high);
    assert.equal(report.data.audit.passed, true);
    assert.equal(
      judgeAudit([
        { attacker: 'vpn', feature: 'gap', auc: 0.7, recallAtFpr1: 0, attacks: 50, legit: 50 },
      ]).passed,
      false,
    );
  });

  test('says the same again', () => {
    const { tookMs: _, ...again } = runEvaluation(order);
    const { tookMs: __, ...first } = report;
    assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(first)));
  });

  test('becomes a page without script or link to elsewhere, in which every plot is described', () => {
    const page = renderReport(report);
    assert.doesNotMatch(page, /<script|https?:|\bon[a-z]+=/);
    assert.equal(page.match(/role="img"/g)?.length, 8);
    // What is no plot is a line of a key, beside its name.
    assert.equal(page.match(/<svg(?! viewBox="0 0 28 6" aria-hidden="true")/g)?.length, 8);
    assert.equal(page.match(/<table>/g)?.length, page.match(/<caption id="[a-z0-9-]+">/g)?.length);
    assert.doesNotMatch(page, /<th scope="col"><\/th>|\d %/);
    assert.doesNotMatch(page, /undefined|NaN/);
    for (const limit of report.limits) assert.ok(page.includes(limit.slice(0, 40)));
  });

  test('a text of the report cannot become part of the page', () => {
    const hostile: TrialReport = structuredClone(report);
    hostile.model.id = '<img src=x onerror=alert(1)>';
    assert.doesNotMatch(renderReport(hostile), /<img/);
  });
});

test('Freeman on a world of 30,000 finds what was published of it: 34–37 % naive, 24–27 % VPN, 1–2 % targeted', () => {
  const logins = generateWorld(1);
  const attacks = placeAttacks(logins, { seed: 1, share: 0.1 });
  const freeman = new Freeman(logins);
  const [legit, found]: [number[], number[][]] = [[], [[], [], []]];
  const testRow = Math.floor(logins.size * 0.6);
  for (let row = 0, next = 0; row < logins.size; row++) {
    const isReplaced = attacks.row[next] === row;
    for (; attacks.row[next] === row; next++)
      if (row >= testRow)
        found[attacks.kind[next]!]!.push(freeman.score(logins.user[row]!, attacks.traits, next));
    const score = row < testRow ? Number.NaN : freeman.score(logins.user[row]!, logins.traits, row);
    if (!isReplaced && !Number.isNaN(score)) legit.push(score);
    freeman.learn(row);
  }
  const threshold = legit.sort((one, other) => one - other)[Math.floor(0.99 * legit.length)]!;
  const recall = found.map(
    (list) => list.filter((score) => score > threshold).length / list.length,
  );
  const within = (value: number, low: number, high: number) => value > low && value < high;
  assert.ok(within(recall[0]!, 0.34, 0.37) && within(recall[1]!, 0.24, 0.27), recall.join(' '));
  assert.ok(within(recall[2]!, 0.01, 0.02), recall.join(' '));
});
