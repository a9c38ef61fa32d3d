import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pattern } from '../language/filter-tree.ts';
import { matchesPattern } from './match-pattern.ts';

const STAR = { any: 'text' } as const;
const ONE = { any: 'character' } as const;
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '💧', '\n'), maxLength: 12 });
const piece = fc.oneof(
  letters.filter((text) => text !== ''),
  fc.constant(STAR),
  fc.constant(ONE),
);

/** The same by the engine of the language, which may take for ever. */
function byRegExp(pattern: Pattern, text: string): boolean {
  const pieces = pattern.map((part) => {
    if (typeof part !== 'string') return part.any === 'text' ? '.*' : '.';
    return part.toLowerCase();
  });
  return new RegExp(`^${pieces.join('')}$`, 'su').test(text.toLowerCase());
}

test('a pattern means what it means to an engine of regular expressions', () =>
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), letters, (pattern, text) => {
      assert.equal(matchesPattern(pattern, text), byRegExp(pattern, text));
    }),
    { numRuns: 3000 },
  ));

// Each of them took many seconds, in which the house answered nobody.
test('a text and a pattern that were made for each other keep nobody waiting', {
  timeout: 20_000,
}, () => {
  const [text, many] = ['a'.repeat(768 * 1024), 'a'.repeat(500)];
  for (const pattern of [
    [STAR, `${many}b`],
    [STAR, `${many}b`, STAR],
    [STAR, `b${many}`, STAR],
    [STAR, ONE, `${many}b`, STAR],
    [STAR, 'a', ONE, `${many}b`, ONE, STAR],
    [STAR, 'a', STAR, 'a', STAR, 'b', STAR],
  ])
    for (let time = 0; time < 3; time += 1) assert.equal(matchesPattern(pattern, text), false);
});
