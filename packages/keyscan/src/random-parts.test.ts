import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { eachRandomPart } from './random-parts.ts';

const NAMES =
  '_ZN2v88internal8compiler22SimplifiedLoweringPhaseInstructionSelectorVisitUnreachable' +
  'Parameters/usr/lib/node_modules/countersign/packages/transparency/src/log/transparency';

function partsOf(text: string): [number, number][] {
  const parts: [number, number][] = [];
  eachRandomPart(Buffer.from(text, 'latin1'), (start, end) => parts.push([start, end]));
  return parts;
}

describe('letters that may stand for random bytes', () => {
  it('are not the names and paths of a program', () => {
    assert.deepEqual(partsOf(NAMES), []);
  });

  it('hold every secret in base64, between names of any length and however often coded', () => {
    const letters = fc.nat(NAMES.length);
    fc.assert(
      fc.property(
        letters,
        letters,
        fc.record({ seed: fc.nat(), bytes: fc.integer({ min: 32, max: 400 }) }),
        fc.constantFrom(
          'base64',
          'base64url',
          'base64 of hex',
          'base64 of base64',
          'base64 of UTF-16',
        ),
        (before, after, { seed, bytes }, form) => {
          const secret = keyFrom(seed, bytes);
          const text = encode(secret, form).replaceAll('=', '');
          const parts = partsOf(NAMES.slice(0, before) + text + NAMES.slice(0, after));
          const holds = parts.some(
            ([start, end]) => start <= before && before + text.length <= end,
          );
          assert.ok(holds, `${form}: ${text}`);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('come in order and apart, and include what is too short to be judged by a whole window', () => {
    const random = randomBytes(64).toString('base64url');
    const parts = partsOf(random + NAMES + NAMES + random);
    assert.equal(parts.length, 2);
    assert.ok((parts[0]?.[1] ?? 0) < (parts[1]?.[0] ?? 0));
    assert.deepEqual(partsOf(random.slice(0, 40)), [[0, 40]]);
    assert.deepEqual(partsOf(''), []);
  });
});

/** As random as a key, and the same again for the same seed. */
function keyFrom(seed: number, bytes: number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(String(seed)).digest();
}

function encode(secret: Buffer, form: string): string {
  if (form === 'base64 of hex') return Buffer.from(secret.toString('hex')).toString('base64');
  if (form === 'base64 of base64') return Buffer.from(secret.toString('base64')).toString('base64');
  if (form === 'base64 of UTF-16')
    return Buffer.from(secret.toString('base64url'), 'utf16le').toString('base64');
  return secret.toString(form === 'base64' ? 'base64' : 'base64url');
}
