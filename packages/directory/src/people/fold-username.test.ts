import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldUsername } from './fold-username.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const wordLike = fc.stringMatching(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+'-]{0,12}$/u);

test('folding a folded username changes nothing', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, wordLike), (text) => {
      const folded = foldUsername(text);
      if (folded !== undefined) assert.equal(foldUsername(folded), folded);
    }),
    { numRuns: 3000 },
  );
});

test('case and width make no difference', () => {
  fc.assert(
    fc.property(wordLike, (text) => {
      const folded = foldUsername(text);
      fc.pre(folded !== undefined);
      // Upper-casing keeps what canonically equal texts share only in composed texts (Unicode 3.13,
      // R1), which is what keyboards give; the iota below is the letter that shows it.
      assert.equal(foldUsername(text.normalize('NFC').toUpperCase()), folded);
      assert.equal(foldUsername(text.normalize('NFD')), folded);
      assert.equal(foldUsername(text.normalize('NFKC')), folded);
    }),
    { numRuns: 3000, examples: [['\u00c0\u0345'], ['\u1fb3\u0300']] },
  );
});

test('known pairs are one username', () => {
  const pairs = [
    ['Alice', 'aLICE'],
    ['straße', 'STRASSE'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['ａｌｉｃｅ', 'alice'],
    ['ﬁona', 'Fiona'],
    ['é', 'e\u0301'],
  ] as const;
  for (const [one, other] of pairs) {
    assert.ok(foldUsername(one) !== undefined, one);
    assert.equal(foldUsername(one), foldUsername(other));
  }
});

test('accents and scripts keep usernames apart', () => {
  assert.notEqual(foldUsername('jose'), foldUsername('josé'));
  assert.notEqual(foldUsername('alice'), foldUsername('аlice'));
});

test('invisible characters, spaces, odd beginnings and long names are no usernames', () => {
  const bad = [
    '',
    ' alice',
    'alice bob',
    'ali\u200bce',
    'ali\u00adce',
    'ali\ufe0fce',
    'ali\u3164ce',
    'ali\u0000ce',
    '\u202ealice',
    '-alice',
    '.alice',
    '\u0301alice',
    'alice/bob',
    'alice\ud800',
    'a'.repeat(129),
    '\ufdfa'.repeat(60),
  ];
  for (const username of bad) assert.equal(foldUsername(username), undefined, username);
  assert.equal(foldUsername('a'.repeat(128)), 'a'.repeat(128));
});
