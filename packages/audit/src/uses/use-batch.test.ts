import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { closeHouses, sha256, TestHouse } from '../testing/open-house.ts';
import { readEvidence } from './read-evidence.ts';
import { MOST_USES, parseUseBatch } from './use-batch.ts';

afterEach(closeHouses);

const verifier = { name: 'api', version: '1' };
const use = { id: 'u', atMs: 1, decision: 'accepted', tokenHash: sha256('t') };
const batch = (more: object) => ({ verifier, uses: [{ ...use, ...more }] });
const malformed = (error: unknown) => isCodedError(error) && error.code === 'uses_malformed';

describe('a batch of uses', () => {
  test('is taken as it comes over the wire, unknown members aside', () => {
    const { uses } = parseUseBatch(batch({ audience: ['a'], surprise: 1 }));
    assert.deepEqual(uses, [{ ...use, audience: ['a'] }]);
    assert.deepEqual(parseUseBatch({ verifier, uses: [] }).uses, []);
  });

  test('is refused as a whole when a member is wrong, and the message names it', () => {
    for (const more of [
      { id: '' },
      { id: 'x'.repeat(65) },
      { atMs: -1 },
      { atMs: 1.5 },
      { decision: 'maybe' },
      { tokenHash: sha256('t').toUpperCase() },
      { logIndex: 2 ** 60 },
      { audience: Array.from({ length: 17 }, () => 'a') },
      { evidence: 'x'.repeat(16_385) },
    ]) {
      assert.throws(() => parseUseBatch(batch(more)), malformed, JSON.stringify(more));
      const [name] = Object.keys(more);
      assert.throws(() => parseUseBatch(batch(more)), new RegExp(`uses\\.0\\.${name}`));
    }
    for (const given of [null, 'x', [], {}, { uses: [] }, { verifier, uses: 'x' }]) {
      assert.throws(() => parseUseBatch(given), malformed);
    }
    const many = Array.from({ length: MOST_USES + 1 }, () => use);
    assert.throws(() => parseUseBatch({ verifier, uses: many }), malformed);
  });

  test('of any shape is refused with a code or taken, never anything else', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        try {
          parseUseBatch(given);
        } catch (error) {
          assert.ok(malformed(error));
        }
      }),
    );
  });
});

describe('evidence', () => {
  test('of any text is read or refused, and never believed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const facts = readEvidence(text);
        if (facts !== undefined) assert.equal(text.split('.').length, 3);
      }),
    );
    assert.equal(readEvidence('a.b.'), undefined);
    assert.equal(readEvidence('a.b.c.d'), undefined);
    assert.equal(readEvidence('a.b.c')?.jtiHash, undefined);
  });
});

describe('what a reporter may speak about', () => {
  test('is its own issuer or audience, what was refused, proof, and what names nobody', async () => {
    const house = await TestHouse.open();
    const taken = async (more: Record<string, unknown>, tenant = 'acme') => {
      const uses = [house.use(house.forge(), more)];
      return (await house.report(uses, { id: 'r', tenant })).accepted === 1;
    };
    assert.equal(await taken({}), true);
    assert.equal(await taken({ audience: undefined }), true);
    assert.equal(await taken({ issuer: 'https://elsewhere.example' }), true);
    assert.equal(await taken({}, 'evil'), false);
    assert.equal(await taken({ issuer: undefined }, 'evil'), false);
    assert.equal(await taken({ audience: undefined }, 'evil'), false);
    assert.equal(await taken({ decision: 'refused' }, 'evil'), true);
    assert.equal(await taken({ issuer: undefined, audience: undefined }, 'evil'), true);
    assert.equal(await taken({ decision: 'audit_failed', evidence: 'a.b.c' }, 'evil'), true);
  });

  test('is looked up for a bounded number of audiences', async () => {
    const house = await TestHouse.open();
    const uses = Array.from({ length: 500 }, (_, n) =>
      house.use('t', { issuer: undefined, audience: [`https://acme.${n}`] }),
    );
    assert.deepEqual(await house.report(uses), { accepted: 100, leftOut: 400 });
  });

  test('may be the token of another house, which is on record and no alarm', async () => {
    const house = await TestHouse.open();
    await house.report([house.use('entra', { issuer: 'https://login.elsewhere.example' })]);
    await house.pass(2000);
    assert.deepEqual(house.told, []);
    const [facts] = await house.extensions('token.verified');
    assert.equal(facts !== undefined && 'ledger_match' in facts, false);
  });

  test('lands in its own log even when the token is of nobody', async () => {
    const house = await TestHouse.open();
    await house.report([
      house.use('junk', { decision: 'refused', issuer: 'https://nobody.example' }),
    ]);
    const [event] = await house.audit.listEvents({ tenant: 'acme' });
    assert.equal(event?.name, 'token.refused');
    assert.equal(event?.realm, undefined);
  });

  test('is dated by us when its clock cannot be right', async () => {
    const house = await TestHouse.open();
    const nowMs = house.clock.nowMs();
    const times = [nowMs - 8 * 86_400_000, nowMs - 1000, nowMs + 86_400_000];
    for (const atMs of times) await house.report([house.use('t', { atMs })]);
    const events = await house.audit.listEvents({ names: ['token.verified'] });
    assert.deepEqual(
      events.map(({ timeMs }) => timeMs),
      [nowMs, nowMs - 1000, nowMs],
    );
  });
});
