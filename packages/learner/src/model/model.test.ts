// Model files: what is written is read again, and whatever else comes is refused in closed words.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { Booster } from '../booster/booster.ts';
import { trainBooster } from '../booster/train-booster.ts';
import { HalfSpaceTrees } from '../forest/half-space-trees.ts';
import { IsolationForest } from '../forest/isolation-forest.ts';
import { trainIsolationForest } from '../forest/train-isolation-forest.ts';
import { Logistic } from '../logistic/logistic.ts';
import { trainLogistic } from '../logistic/train-logistic.ts';
import { seededNumbers } from '../seeded-numbers.ts';
import { decodeModel } from './decode-model.ts';
import { encodeModel } from './encode-model.ts';
import type { Model } from './model.ts';
import { openSignedModel, signModel } from './sign-model.ts';

const REFUSALS = ['model_unreadable', 'model_schema_unknown', 'model_malformed', 'model_too_large'];
const features = ['one', 'two', 'three'];

function makeModel(): { model: Model; data: Float64Array } {
  const next = seededNumbers(7);
  const data = Float64Array.from({ length: 3 * 300 }, () => (next() < 0.05 ? Number.NaN : next()));
  const x = { rows: 300, columns: 3, data };
  const y = Uint8Array.from({ length: 300 }, (_, row) =>
    Number((data[row * 3] as number) + next() > 1),
  );
  const stream = new HalfSpaceTrees({
    ...{ features, low: [0, 0, 0], high: [1, 1, 1], trees: 3, depth: 3, window: 100, seed: 4 },
  });
  for (let row = 0; row < 250; row += 1) stream.update(data, row * 3);
  const model: Model = {
    ...{ id: 'try-1.0', made: '2026-11-22T08:00:00.000Z', seed: 7 },
    training: { rows: 300, note: 'made for a test — naïve', recall: { naive: 0.5, none: null } },
    parts: {
      relation: trainBooster(x, y, { seed: 1, trees: 4, minLeafRows: 20, features }),
      baseline: trainLogistic(x, y, { features }),
      novelty: trainIsolationForest(x, { seed: 1, trees: 3, sample: 32, features }),
      stream,
      calibration: { kind: 'json', value: { tails: [0.1, 0.01, [1e-300, true, 'x']] } },
    },
  };
  return { model, data };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);
const refuses = (code: string, run: () => unknown): void =>
  assert.throws(run, { name: 'CodedError', code });

describe('a model file', () => {
  let bytes: Uint8Array;
  let made: { model: Model; data: Float64Array };
  before(() => {
    made = makeModel();
    bytes = encodeModel(made.model);
  });

  it('says the same after it was written and read, digit for digit', () => {
    const read = decodeModel(bytes);
    assert.deepEqual(encodeModel(read), bytes);
    const { relation, baseline, novelty, stream, calibration } = read.parts;
    const was = made.model.parts;
    assert.ok(relation instanceof Booster && was['relation'] instanceof Booster);
    assert.ok(baseline instanceof Logistic && was['baseline'] instanceof Logistic);
    assert.ok(novelty instanceof IsolationForest && was['novelty'] instanceof IsolationForest);
    assert.ok(stream instanceof HalfSpaceTrees && was['stream'] instanceof HalfSpaceTrees);
    for (let row = 0; row < 300; row += 1) {
      assert.equal(
        relation.predict(made.data, row * 3),
        was['relation'].predict(made.data, row * 3),
      );
      assert.equal(
        baseline.predict(made.data, row * 3),
        was['baseline'].predict(made.data, row * 3),
      );
      assert.equal(novelty.score(made.data, row * 3), was['novelty'].score(made.data, row * 3));
      assert.equal(stream.score(made.data, row * 3), was['stream'].score(made.data, row * 3));
    }
    assert.deepEqual(calibration, was['calibration']);
    assert.deepEqual({ ...read, parts: 0 }, { ...made.model, parts: 0 });
  });

  it('is refused when it is no model, of another schema, or too large', () => {
    refuses('model_unreadable', () => decodeModel(new Uint8Array(0)));
    refuses('model_unreadable', () => decodeModel(bytes.subarray(0, bytes.length - 20)));
    refuses('model_unreadable', () => decodeModel(Uint8Array.of(0xff, 0xfe)));
    refuses('model_malformed', () => decodeModel(bytesOf('[]')));
    refuses('model_schema_unknown', () => decodeModel(bytesOf('{}')));
    refuses('model_schema_unknown', () =>
      decodeModel(bytesOf(text(bytes).replace('countersign-model/1', 'countersign-model/2'))),
    );
    refuses('model_too_large', () => decodeModel(new Uint8Array((16 << 20) + 1)));
  });

  /** The file with one part changed. */
  const changed = (part: string, change: (part: Record<string, never>) => void): Uint8Array => {
    const value = JSON.parse(text(bytes));
    change(value.parts[part]);
    return bytesOf(JSON.stringify(value));
  };
  type Loose = Record<string, unknown> & { trees: Record<string, number[]>[] };
  const crimes: [string, string, (part: Loose) => void][] = [
    ['a column that is not there', 'relation', ({ trees }) => trees[0]!['feature']!.fill(3, 0, 1)],
    ['half a column', 'relation', ({ trees }) => trees[0]!['feature']!.fill(0.5, 0, 1)],
    ['a tree that does not end', 'relation', ({ trees }) => trees[0]!['feature']!.pop()],
    ['nodes behind the end', 'relation', ({ trees }) => trees[0]!['feature']!.push(-1)],
    ['an empty tree', 'novelty', ({ trees }) => trees[0]!['feature']!.splice(0)],
    ['too few values', 'relation', ({ trees }) => trees[0]!['value']!.pop()],
    ['a threshold too many', 'novelty', ({ trees }) => trees[0]!['threshold']!.push(1)],
    ['an unknown rule', 'relation', ({ trees }) => trees[0]!['missing']!.fill(5, 0, 1)],
    ['a value past all bounds', 'relation', ({ trees }) => trees[0]!['value']!.fill(1e300, 0, 1)],
    ['a negative count', 'novelty', ({ trees }) => trees[0]!['rows']!.fill(-1, 0, 1)],
    ['a member that is not known', 'relation', (part) => Object.assign(part, { extra: 1 })],
    ['a scale of 0', 'baseline', (part) => Object.assign(part, { scales: [1, 0, 1] })],
    ['a name twice', 'baseline', (part) => Object.assign(part, { features: ['a', 'a', 'b'] })],
    ['a text for a number', 'baseline', (part) => Object.assign(part, { intercept: '1' })],
    ['a sample of one', 'novelty', (part) => Object.assign(part, { sample: 1 })],
    [
      'a depth without its counts',
      'stream',
      ({ options }) => Object.assign(options as object, { depth: 12 }),
    ],
    [
      'counts past the window',
      'stream',
      ({ options }) => Object.assign(options as object, { window: 20 }),
    ],
    ['another kind', 'stream', (part) => Object.assign(part, { kind: 'constructor' })],
  ];
  for (const [what, part, change] of crimes)
    it(`is refused with ${what}`, () => {
      refuses('model_malformed', () => decodeModel(changed(part, change as never)));
    });

  it('is refused with what only looks like a number, or with JSON too deep to walk', () => {
    const infinite = text(bytes).replace(/"base":[^,]+,/, '"base":1e999,');
    refuses('model_malformed', () => decodeModel(bytesOf(infinite)));
    const deep = `${'['.repeat(1e5)}1${']'.repeat(1e5)}`;
    const calibration = text(bytes).replace(/\{"tails".*\]\}/, deep);
    assert.ok(calibration.includes(deep));
    refuses('model_malformed', () => decodeModel(bytesOf(calibration)));
  });

  it('is not written when it could not be read', () => {
    const { model } = made;
    refuses('model_malformed', () => encodeModel({ ...model, id: 'no name' }));
    refuses('model_malformed', () => encodeModel({ ...model, made: 'yesterday' }));
    refuses('model_malformed', () =>
      encodeModel({ ...model, parts: { Up: { kind: 'json', value: 1 } } }),
    );
    refuses('model_malformed', () =>
      encodeModel({ ...model, parts: { a: { kind: 'json', value: Number.NaN } } }),
    );
  });

  it('whatever bytes change, is read or refused in closed words, and what was read answers', () => {
    const row = Float64Array.of(0.5, Number.NaN, Number.POSITIVE_INFINITY);
    const out = new Float64Array(4);
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(3) });
    // Digits and commas leave JSON whole more often than any byte does.
    const tame = fc.record({
      at: fc.nat(),
      byte: fc.constantFrom(...bytesOf('0123456789-.,e[]{}')),
      cut: fc.nat(1),
    });
    let read = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(change, tame), { minLength: 1, maxLength: 3 }), (changes) => {
        const list = [...bytes];
        for (const { at, byte, cut } of changes) list.splice(at % list.length, cut, byte);
        let model: Model;
        try {
          model = decodeModel(Uint8Array.from(list));
        } catch (error) {
          assert.ok(REFUSALS.includes((error as { code: string }).code), String(error));
          return;
        }
        read += 1;
        for (const part of Object.values(model.parts)) {
          if (part.kind === 'json') continue;
          if ('predict' in part) assert.ok(Number.isFinite(part.predict(row)));
          else assert.ok(part.score(row) >= 0 && part.score(row) <= 1);
          if ('contribute' in part) part.contribute(row, out);
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(read > 10, `only ${read} damaged files could be read at all`);
  });
});

describe('a signed model', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const other = generateKeyPairSync('ed25519');
  const model = bytesOf('anything\nat all');
  const signed = signModel(model, 'release-1', privateKey);

  it('opens with the key that signed it', () => {
    const opened = openSignedModel(signed, { 'release-1': publicKey });
    assert.deepEqual([text(opened.model), opened.keyId], ['anything\nat all', 'release-1']);
  });

  it('is refused with a wrong or unknown key, cut off, longer, or changed anywhere', () => {
    const open = (bytes: Uint8Array) => openSignedModel(bytes, { 'release-1': publicKey });
    refuses('model_key_unknown', () => openSignedModel(signed, {}));
    refuses('model_key_unknown', () =>
      openSignedModel(signModel(model, 'toString', privateKey), {}),
    );
    refuses('model_signature_wrong', () =>
      openSignedModel(signed, { 'release-1': other.publicKey }),
    );
    refuses('model_truncated', () => open(signed.subarray(0, signed.length - 1)));
    refuses('model_truncated', () => open(Buffer.concat([signed, Buffer.from(' ')])));
    refuses('model_unreadable', () => open(model));
    refuses('model_unreadable', () => open(signed.subarray(0, 40)));
    refuses('model_schema_unknown', () =>
      open(bytesOf(text(signed).replace('model/1', 'model/2'))),
    );
    for (let at = 0; at < signed.length; at += 1) {
      const bent = Uint8Array.from(signed);
      bent[at] = (bent[at] as number) ^ 1;
      assert.throws(() => open(bent), { name: 'CodedError', code: /^model_/ });
    }
  });

  it('is not signed with another kind of key', () => {
    const rsa = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    refuses('options_invalid', () => signModel(model, 'a', rsa.privateKey));
    refuses('options_invalid', () => signModel(model, 'a', publicKey));
    refuses('options_invalid', () => signModel(model, 'no\nid', privateKey));
  });
});
