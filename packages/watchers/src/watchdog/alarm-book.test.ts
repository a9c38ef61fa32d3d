import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AlarmBook, tellChanges } from './alarm-book.ts';
import type { Suspicion } from './suspicion.ts';

const HOUSE = 'https://id.example';
const HOUR_MS = 3_600_000;
const silent: Suspicion = {
  ...{ code: 'rotator_silent', ground: 'view', severity: 'critical' },
  ...{ message: 'It is silent.', facts: { silentSeconds: 40 }, patienceMs: 0 },
};
const old: Suspicion = { ...silent, code: 'key_old', issuer: `${HOUSE}/acme`, kid: 'k1' };

describe('the book of alarms', () => {
  it('tells a condition once, again each day, and when it is over', () => {
    let book: AlarmBook = {};
    const told: string[] = [];
    for (let hour = 0; hour <= 50; hour += 1) {
      const conditions = hour < 49 ? [silent] : [];
      const nowMs = 1000 + hour * HOUR_MS;
      const { alarms, book: next } = tellChanges(book, conditions, { house: HOUSE, nowMs });
      told.push(...alarms.map(({ phase, sinceMs }) => `${hour} ${phase} ${sinceMs}`));
      book = JSON.parse(JSON.stringify(next)) as AlarmBook;
    }
    assert.deepEqual(told, [
      '0 raised 1000',
      '24 repeated 1000',
      '48 repeated 1000',
      '49 ended 1000',
    ]);
  });

  it('tells each key and each code by itself', () => {
    const at = { house: HOUSE, nowMs: 1 };
    const { book } = tellChanges({}, [silent, old], at);
    const { alarms } = tellChanges(book, [silent, old, { ...old, kid: 'k2' }], { ...at, nowMs: 2 });
    assert.deepEqual(
      alarms.map(({ phase, kid }) => [phase, kid]),
      [['raised', 'k2']],
    );
  });

  it('does not fall silent when the clock is set back', () => {
    const { book } = tellChanges({}, [silent], { house: HOUSE, nowMs: 100 * HOUR_MS });
    const { alarms } = tellChanges(book, [silent], { house: HOUSE, nowMs: HOUR_MS });
    assert.equal(alarms[0]?.phase, 'repeated');
  });
});
