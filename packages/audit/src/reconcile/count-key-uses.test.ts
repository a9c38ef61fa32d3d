import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import fc from 'fast-check';
import { SignerPlaces } from '../store/signer-places.ts';
import { addKeyUses, countKeyUses, describeKeyUses } from './count-key-uses.ts';

const room = { clock: new ManualClock(), signers: new SignerPlaces() };
const owners = new Map([
  ['a', { realm: 'acme/workforce', issuer: 'https://id.example/acme/workforce' }],
]);

test('uses of a journal add up the same, however it is cut into pages', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
      fc.nat(),
      (kids, cut) => {
        const items = kids.map((kid, at) => ({ number: at + 1, kid, hash: `${at}` }));
        const at = cut % items.length;
        const whole = countKeyUses(items, owners);
        const paged = addKeyUses(
          countKeyUses(items.slice(0, at), owners),
          countKeyUses(items.slice(at), owners),
        );
        const byKid = (uses: typeof whole) =>
          [...uses].sort((one, two) => one.kid.localeCompare(two.kid));
        assert.deepEqual(byKid(paged), byKid(whole));
        assert.equal(
          whole.reduce((sum, { signatures }) => sum + signatures, 0),
          items.length,
        );
      },
    ),
  );
});

test('an event names the key, its realm when it is known, and the numbers', () => {
  const uses = countKeyUses(
    [
      { number: 7, kid: 'a', hash: 'x' },
      { number: 9, kid: 'a', hash: 'y' },
    ],
    owners,
  );
  const [event] = describeKeyUses(room, uses);
  assert.equal(event?.realm, 'acme/workforce');
  assert.deepEqual(event?.extra, { signatures: 2, firstNumber: 7, lastNumber: 9 });
  assert.equal(
    describeKeyUses(room, countKeyUses([{ number: 1, kid: 'z', hash: 'x' }], owners))[0]?.realm,
    undefined,
  );
});
