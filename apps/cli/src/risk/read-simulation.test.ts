import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPolicy, simulatePolicy } from '@countersign/risk';
import fc from 'fast-check';
import { readSimulation } from './read-simulation.ts';

const ACT = {
  ...{ id: 'ra-1', timeMs: 1_795_289_400_000, subject: 'workforce/p-1', done: 'allow' as const },
  view: { score: 80, level: 'high' as const, state: 'scored' as const, detections: [], heads: {} },
  facts: {
    ...{ population: 'workforce' as const, subjectKind: 'person' as const, app: '__proto__' },
    ...{ kind: 'sign_in' as const, hasFactor: false, factorProved: false },
    ...{ administrator: false, otherAdministratorsAble: true },
  },
};
const WHOLE = JSON.stringify({
  simulation: { ...simulatePolicy(defaultPolicy, [ACT]), cut: true },
});

test('a simulation that the engine made is read as it is, whatever an app is called', () => {
  const { simulation } = JSON.parse(WHOLE) as { simulation: object };
  const read = readSimulation(JSON.parse(WHOLE));
  assert.deepEqual(JSON.parse(JSON.stringify(read)), simulation);
  assert.deepEqual(Object.keys(read.byApp), ['__proto__']);
});

/** Every place in a value, as the names that lead there. */
function placesIn(value: unknown, before: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [before];
  const inside = Object.entries(value).flatMap(([name, one]) => placesIn(one, [...before, name]));
  return before.length === 0 ? inside : [before, ...inside];
}

test('an answer with any member of another type is refused with its place', () => {
  const places = placesIn(JSON.parse(WHOLE));
  const wrong = fc.constantFrom<unknown>(null, true, 'text', -1, 0.5, 1e300, [[]], { a: [] });
  fc.assert(
    fc.property(fc.constantFrom(...places), wrong, (place, value) => {
      const body = JSON.parse(WHOLE) as Record<string, unknown>;
      const owner = place
        .slice(0, -1)
        .reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, body);
      const last = place.at(-1) ?? '';
      if (typeof owner[last] === typeof value && !['number', 'object'].includes(typeof value))
        return;
      Object.defineProperty(owner, last, { value, enumerable: true });
      assert.throws(() => readSimulation(body), { code: 'answer_malformed' }, place.join('.'));
    }),
  );
});

test('what is no answer at all is refused', () => {
  for (const body of [undefined, null, [], 'x', {}, { simulation: null }, { simulation: {} }]) {
    assert.throws(() => readSimulation(body), /is no simulation \(/);
  }
});
