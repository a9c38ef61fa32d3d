import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { matchesEvent } from '../match/match-event.ts';
import { compileFilter } from '../sql/compile-filter.ts';
import { findTimeRange } from '../sql/find-time-range.ts';
import { FILTER_LIMITS } from './filter-tree.ts';
import { parseFilter, readFilter } from './parse-filter.ts';

const nowMs = Date.parse('2026-11-22T12:00:00Z');
const kindOf = (text: string): string => parseFilter(text, { nowMs }).kind;

function matches(
  text: string,
  ocsf: object,
  columns: Record<string, string | number> = {},
): boolean {
  return matchesEvent(parseFilter(text, { nowMs }), { columns, ocsf, text: JSON.stringify(ocsf) });
}

/** Filter with ▸ before the wrong characters and ◂ after them. */
function wrong(marked: string): string {
  const position = marked.indexOf('▸');
  const length = marked.indexOf('◂') - position - 1;
  const text = marked.replace(/[▸◂]/g, '');
  const read = readFilter(text, { nowMs });
  assert.ok('problem' in read, `${text} was understood`);
  const { problem } = read;
  assert.deepEqual([problem.position, problem.length], [position, length], problem.message);
  assert.match(problem.message, /\.$/);
  assert.match(problem.advice, /\.$/);
  return problem.message;
}

test('what is wrong is told with its place, and what to do', () => {
  assert.match(wrong('class =▸◂'), /a value is missing after "="/);
  assert.match(wrong('class = ▸and◂ x = 1'), /a value is missing/);
  assert.match(wrong('▸clas◂ = 3002'), /there is no field "clas"/);
  assert.match(wrong('class = ▸login◂'), /class is a number/);
  assert.match(wrong('(class = 3002▸◂'), /the \( of character 1 is not closed before the end/);
  assert.match(wrong('class = 3002▸)◂'), /closes nothing/);
  assert.match(wrong('name = ▸token.*◂'), /takes no wildcards/);
  assert.match(wrong('name ~ x ▸y◂'), /should have ended/);
  assert.match(wrong('ip in ▸10.0.0.0/33◂'), /needs a list/);
  assert.match(wrong('ip = ▸10.0.0.256◂'), /no address/);
  assert.match(wrong('time >= ▸yesterday◂'), /no time/);
  assert.match(wrong('time >= ▸2026-02-30◂'), /no time/);
  assert.match(wrong('person < ▸5◂'), /person has no order/);
  assert.match(wrong('severity in 5..▸2◂'), /ends before it begins/);
  assert.match(wrong('class ~ ▸3*◂'), /no pattern/);
  assert.match(wrong('x.y = ▸"never ends◂'), /does not end/);
  assert.match(wrong('"a" ▸!◂ "b"'), /means nothing here/);
  assert.match(wrong('exists ▸ip◂'), /needs a field/);
  assert.match(wrong('a.x = ▸(◂'), /a value is missing/);
  assert.match(wrong('▸or◂ x'), /should stand before "or"/);
  assert.match(wrong('a.b = ▸"\\n"◂'), /means nothing/);
});

test('a refusal is a CodedError that says all of it in one line', () => {
  assert.throws(
    () => parseFilter('class = and', { nowMs }),
    (error) =>
      isCodedError(error) &&
      error.code === 'filter_malformed' &&
      error.message.startsWith('Filter, character 9: a value is missing after "=" before "and".'),
  );
});

test('or is looser than and, and not is tighter than both', () => {
  const both = { a: { b: 1 }, c: { d: 1 } };
  assert.equal(kindOf('a.b = 1 or c.d = 1 and e.f = 1'), 'or');
  assert.ok(matches('a.b = 1 or c.d = 2 and a.b = 3', both));
  assert.ok(!matches('(a.b = 1 or c.d = 2) and a.b = 3', both));
  assert.ok(matches('not a.b = 2 and c.d = 1', both));
  assert.ok(!matches('not (a.b = 2 or c.d = 1)', both));
  assert.ok(matches('NOT a.b = 2 AND c.d = 1', both));
});

test('a day is all of it; ago counts from now; a word stands for its number', () => {
  const noonMs = Date.parse('2026-11-20T12:00:00Z');
  const at = (text: string, timeMs = noonMs) => matches(text, {}, { time_ms: timeMs });
  assert.ok(at('time = 2026-11-20'));
  assert.ok(at('time <= 2026-11-20') && !at('time > 2026-11-20') && at('time >= 2026-11-20'));
  assert.ok(at('time in 2026-11-19..2026-11-20') && !at('time in 2026-11-18..2026-11-19'));
  assert.ok(at('time >= -48h') && !at('time >= -47h'));
  assert.ok(at('time = "2026-11-20T13:00+01:00"'));
  assert.ok(matches('severity >= high', {}, { severity_id: 4 }));
  assert.ok(matches('status = failure', {}, { status_id: 2 }));
});

test('an address matches in any spelling, and a network by its bits', () => {
  const ip = (text: string, address: string) => matches(text, {}, { ip: address });
  assert.ok(ip('ip = 2001:DB8::1', '2001:0db8:0000:0000:0000:0000:0000:0001'));
  assert.ok(ip('ip = ::ffff:10.0.0.1', '10.0.0.1'));
  assert.ok(ip('src_endpoint.ip in 10.0.0.0/8', '10.200.3.4'));
  assert.ok(!ip('ip in 10.0.0.0/8', '110.0.0.1'));
  assert.ok(!ip('ip not in 10.0.0.0/8', '10.0.0.1'));
  assert.ok(ip('ip in (10.0.0.1, 192.0.2.0/24)', '192.0.2.77'));
});

test('an absent value equals nothing, so that != finds it', () => {
  assert.ok(!matches('person = alice', {}));
  assert.ok(matches('person != alice', {}));
  assert.ok(matches('device.name != x and not exists(device.name)', {}));
});

test('time bounds tell which files can match, and never leave out one that does', () => {
  const range = (text: string) => findTimeRange(parseFilter(text, { nowMs }));
  assert.deepEqual(range('time >= 1795000000000 and time < 1795000001000 and name = x'), {
    fromMs: 1_795_000_000_000,
    toMs: 1_795_000_001_000,
  });
  assert.equal(range('time >= 1795000000000 or name = x').fromMs, Number.NEGATIVE_INFINITY);
  assert.equal(range('not time >= 1795000000000').fromMs, Number.NEGATIVE_INFINITY);
  const never = range('time > 1795000000000 and time < 1794000000000');
  assert.ok(never.toMs < never.fromMs);
});

test('every bound holds at its end and refuses one more', () => {
  const all = (count: number, term: string, word: string) => Array(count).fill(term).join(word);
  const { terms, depth, values, length, text, wildcards, steps } = FILTER_LIMITS;
  const bounds: [string, string, RegExp][] = [
    [all(terms, 'x.y=1', ' or '), all(terms + 1, 'x.y=1', ' or '), /too many comparisons/],
    [`${'('.repeat(depth)}"a"${')'.repeat(depth)}`, `${'('.repeat(depth + 1)}"a"`, /parentheses/],
    [`${'not '.repeat(depth)}"a"`, `${'not '.repeat(depth + 1)}"a"`, /parentheses/],
    [
      `x.y in (${all(values, '1', ',')})`,
      `x.y in (${all(values + 1, '1', ',')})`,
      /list is too long/,
    ],
    [`"${'a'.repeat(text)}"`, `"${'a'.repeat(text + 1)}"`, /text is too long/],
    [`x.y ~ "${all(wildcards, '*', 'a')}"`, `x.y ~ "${all(wildcards + 1, '*', 'a')}"`, /pattern/],
    [`${all(steps, 'a', '.')} = 1`, `${all(steps + 1, 'a', '.')} = 1`, /too deep/],
    [' '.repeat(length), ' '.repeat(length + 1), /filter is too long/],
  ];
  for (const [good, bad, reason] of bounds) {
    assert.ok('filter' in readFilter(good, { nowMs }), good.slice(0, 60));
    const read = readFilter(bad, { nowMs });
    assert.ok('problem' in read && reason.test(read.problem.message), bad.slice(0, 60));
  }
});

test('no text of a filter stands in the SQL: it is bound', () => {
  const { sql, values } = compileFilter(
    parseFilter('x.`a\'b` = "\'; DROP TABLE event; --" and "it\'s" and name ~ "\'*"', { nowMs }),
  );
  assert.ok(!/DROP|it's|a'b/.test(sql), sql);
  assert.ok(values.includes('$."x"."a\'b"'));
  const names = [...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    [...new Set(names)].sort((a, b) => a - b),
    values.map((_, at) => at + 1),
  );
});

test('whatever is written is understood or refused with a place in it, and never throws otherwise', () => {
  const words = fc.constantFrom(
    ...[
      'and',
      'or',
      'not',
      'in',
      'exists',
      '(',
      ')',
      ',',
      '..',
      '=',
      '!=',
      '~',
      '<=',
      '"',
      "'",
      '`',
    ],
    ...[
      'class',
      'ip',
      'a.b',
      '[]',
      'a[].b',
      '10.0.0.0/8',
      '-24h',
      '"x"',
      '\\',
      '*',
      '2026-11-01',
      '3',
    ],
  );
  const soup = fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 4 })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(soup, fc.constantFrom('', ' '), (pieces, space) => {
      const text = pieces.join(space);
      const read = readFilter(text, { nowMs });
      if ('filter' in read) {
        compileFilter(read.filter);
        matchesEvent(read.filter, { columns: {}, ocsf: {}, text: '{}' });
        return;
      }
      const { position, length } = read.problem;
      assert.ok(position >= 0 && length >= 0 && position + length <= text.length, text);
    }),
    { numRuns: 3000 },
  );
});
