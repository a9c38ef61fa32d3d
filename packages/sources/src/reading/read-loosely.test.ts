import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { foldPersons, isSomebody } from './fold-person.ts';
import { nameValuesOf, valueIn } from './name-values.ts';
import { addressOf } from './read-address.ts';
import { firstText, listOf, numberOf, objectOf, objectsOf, textOf } from './read-text.ts';
import { timeMsOf } from './read-time.ts';
import { unquote } from './unquote.ts';

const NOON_MS = Date.UTC(2024, 2, 4, 12);

describe('a member', () => {
  it('that is empty is absent, and JSON held in text is opened one level', () => {
    assert.deepEqual(['', '  ', null, undefined, {}, []].map(textOf), Array(6).fill(undefined));
    assert.deepEqual([0, false, ' x '].map(textOf), ['0', 'false', 'x']);
    assert.deepEqual(objectOf('{"a":"{\\"b\\":1}"}'), { a: '{"b":1}' });
    assert.deepEqual([objectOf('{"a":'), objectOf('[1]'), objectOf(5)], Array(3).fill(undefined));
    assert.deepEqual(listOf('[1,2]'), [1, 2]);
    assert.deepEqual(objectsOf([1, '{"a":1}', { b: 2 }]), [{ a: 1 }, { b: 2 }]);
    assert.deepEqual([numberOf('42'), numberOf(4.5), numberOf('1e9')], [42, undefined, undefined]);
  });

  it('is never inherited', () => {
    assert.equal(firstText({}, 'constructor', 'toString'), undefined);
    assert.deepEqual([...nameValuesOf([{ Name: '__proto__', Value: 'x' }])], [['__proto__', 'x']]);
  });

  it('of a list of names and values is found by name, whatever its case and spelling', () => {
    const bag = nameValuesOf([
      { Name: 'A', Value: '1' },
      { key: 'b', value: { c: 2 } },
      'bare',
      null,
    ]);
    assert.deepEqual([valueIn(bag, 'a'), valueIn(bag, 'B')], ['1', '{"c":2}']);
    assert.deepEqual([...nameValuesOf({ x: 1, y: '' })], [['x', '1']]);
  });
});

describe('an address', () => {
  it('is read with a port, in brackets, with a zone, and inside another', () => {
    const read = (text: string) => addressOf(text);
    assert.deepEqual(read('198.51.100.7:443'), { ip: '198.51.100.7', port: 443 });
    assert.deepEqual(read('[2001:DB8::5]:80'), { ip: '2001:db8::5', port: 80 });
    assert.deepEqual(read('fe80::1%eth0'), { ip: 'fe80::1' });
    assert.deepEqual(read('::ffff:198.51.100.7'), { ip: '198.51.100.7' });
    for (const none of [
      '',
      'AWS Internal',
      '1.2.3',
      '198.51.100.7:99999999',
      '[::1',
      'x'.repeat(99),
    ]) {
      assert.equal(read(none), undefined, none);
    }
  });
});

describe('a moment', () => {
  it('is the same in every form, and UTC where no zone is named', () => {
    for (const form of [
      ...['2024-03-04T12:00:00', '2024-03-04T12:00:00.0000000Z', '2024-03-04 12:00:00.000000000'],
      ...[
        '2024-03-04T13:00:00+01:00',
        '2024-03-04T11:30:00-0030',
        '2024-03-04 13:00:00+01',
        '3/4/2024 12:00:00 PM',
      ],
      ...['3/4/2024, 12:00:00.000 PM', '/Date(1709553600000)/', '1709553600', 1_709_553_600],
      ...[1_709_553_600_000, '1709553600000000', '1709553600000000000'],
    ]) {
      assert.equal(timeMsOf(form), NOON_MS, String(form));
    }
    for (const none of ['', 'yesterday', '2024-13-04T12:00:00', {}, null, -5, Number.NaN]) {
      assert.equal(timeMsOf(none), undefined, String(none));
    }
  });

  it('survives being written as ISO 8601', () => {
    const moment = fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true });
    fc.assert(fc.property(moment, (at) => timeMsOf(at.toISOString()) === at.getTime()));
  });
});

describe('a person', () => {
  it('is folded, told once, and nobody where the log says nobody', () => {
    assert.deepEqual(
      foldPersons({ upns: ['A@X.example', 'a@x.example', 'NOT-FOUND', undefined] }),
      ['upn:a@x.example'],
    );
    assert.equal(isSomebody('00000000-0000-0000-0000-000000000000'), false);
  });
});

describe('a quoted value', () => {
  it('is taken out however often it was quoted, and lists of several stay', () => {
    assert.deepEqual(
      ['"x"', '"\\"x\\""', '["x"]', 'x'].map((text) => unquote(text)),
      ['x', 'x', 'x', 'x'],
    );
    assert.deepEqual(
      ['[]', '""', 'null', '"null"', undefined].map(unquote),
      Array(5).fill(undefined),
    );
    assert.equal(unquote('["a","b"]'), '["a","b"]');
  });

  it('and everything else that reads loosely never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.json(), fc.string()), (value) => {
        for (const read of [textOf, objectOf, listOf, nameValuesOf, timeMsOf, numberOf])
          read(value);
        const text = textOf(value);
        addressOf(text);
        unquote(text);
      }),
    );
  });
});
