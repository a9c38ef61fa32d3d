import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PRIOR_BIAS, PRIOR_WEIGHTS, priorTrafficTail } from '../infrastructure/prior-traffic.ts';
import { TRAFFIC_FEATURES } from '../infrastructure/traffic-features.ts';
import { trainingTail } from '../score/training-tail.ts';
import { trainInfrastructure } from './train-infrastructure.ts';

const COLUMNS = TRAFFIC_FEATURES.length;
const column = (name: (typeof TRAFFIC_FEATURES)[number]) => TRAFFIC_FEATURES.indexOf(name);

/** Attackers fail a lot at one address; people now and then a little; rates tell nothing. */
function traffic(rows: number, attacks: number) {
  const data = new Float64Array(rows * COLUMNS);
  const y = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const isAttack = row < attacks;
    const share = ((row * 37) % 100) / 100;
    y[row] = Number(isAttack);
    if (isAttack) data[row * COLUMNS + column('ip_failures')] = 0.5 + 2 * share;
    else if (share > 0.97) data[row * COLUMNS + column('ip_failures')] = share - 0.5;
    data[row * COLUMNS + column('ip_rate')] = share > 0.5 ? 0.3 : 0;
  }
  return { x: { rows, columns: COLUMNS, data }, y };
}

const people = traffic(2_000, 0).x;
const rowOf = (cells: Partial<Record<(typeof TRAFFIC_FEATURES)[number], number>>) =>
  Float64Array.from(TRAFFIC_FEATURES, (name) => cells[name] ?? 0);

describe('the trained infrastructure head', () => {
  const { x, y } = traffic(3_000, 300);
  const { part, tails } = trainInfrastructure(x, y, people);
  const none = part.predict(rowOf({}));
  const tailOf = (row: Float64Array) => trainingTail(tails, 0, part.predict(row)) ?? Number.NaN;

  it('weighs failures as it learned, nothing below 0, and what no row had as it was judged', () => {
    const { weights } = part.numbers;
    assert.ok(weights.every((weight) => weight >= 0));
    assert.ok(weights[column('ip_failures')]! > 1.5 * PRIOR_WEIGHTS[column('ip_failures')]!);
    for (const name of ['tor', 'hosting', 'no_address', 'net_failures'] as const)
      assert.equal(weights[column(name)], PRIOR_WEIGHTS[column(name)]);
  });

  it('gives a row without any traffic no part of anything', () => {
    const spread = new Float64Array(COLUMNS + 1);
    part.contribute(rowOf({}), spread);
    assert.ok(spread.subarray(0, COLUMNS).every((amount) => amount === 0));
    assert.equal(tailOf(rowOf({})), 1);
  });

  it('holds an address that is known for something for as usual as it was judged, or more so', () => {
    for (const name of ['vpn', 'hosting', 'tor'] as const) {
      const judged = priorTrafficTail(PRIOR_BIAS + PRIOR_WEIGHTS[column(name)]!);
      const tail = tailOf(rowOf({ [name]: 1 }));
      assert.ok(tail >= 0.8 * judged && tail < 1, `${name}: ${tail} for ${judged}`);
    }
  });

  it('never says more usual of what is odder', () => {
    let [before, raw] = [1, none];
    for (let step = 0; step < 100; step++, raw += 0.17) {
      const tail = trainingTail(tails, 4, raw)!;
      assert.ok(tail <= before && tail > 0);
      before = tail;
    }
  });

  it('is not trained on hardly any attacker, or on nobody else', () => {
    const few = traffic(3_000, 199);
    assert.throws(() => trainInfrastructure(few.x, few.y, people), { code: 'bad_rows' });
    const most = traffic(600, 401);
    assert.throws(() => trainInfrastructure(most.x, most.y, people), { code: 'bad_rows' });
  });
});
