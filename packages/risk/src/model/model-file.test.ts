// A model's bytes: read back as the same model, and refused when anything in them is not one.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { before, test } from 'node:test';
import {
  decodeModel,
  encodeModel,
  type Model,
  signModel,
  trainBooster,
} from '@countersign/learner';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { RELATION_FEATURES } from '../relation/relation-features.ts';
import { makeSmallRealm, trainSmallModel } from '../testing/small-realm.ts';
import { decodeRiskModel, encodeRiskModel } from './model-file.ts';
import { openRiskModel } from './open-risk-model.ts';
import type { RiskModel } from './risk-model.ts';

let model: RiskModel;
let bytes: Uint8Array;

before(() => {
  model = trainSmallModel(makeSmallRealm(5));
  bytes = encodeRiskModel(model);
});

const rows = Array.from({ length: 20 }, (_, at) =>
  Float64Array.from(RELATION_FEATURES, (_name, column) => Math.sin(at * 31 + column) * 4),
);

test('A model is read back as the same model', () => {
  const read = decodeRiskModel(bytes);
  assert.deepEqual(encodeRiskModel(read), bytes);
  for (const row of rows) {
    assert.equal(read.relation.predict(row), model.relation.predict(row));
    assert.equal(read.targeted.predict(row), model.targeted.predict(row));
  }
  assert.deepEqual(read.tails, model.tails);
  assert.deepEqual(read.summary, model.summary);
});

test('Parts of other heads are kept beside it', () => {
  const note = { kind: 'json', value: { version: 1 } } as const;
  const read = decodeRiskModel(encodeRiskModel({ ...model, parts: { novelty: note } }));
  assert.deepEqual(read.parts, { novelty: note });
});

test('A file with a part left out, of another kind or with other features is refused', () => {
  const file = decodeModel(bytes);
  const x = { rows: 4, columns: 1, data: Float64Array.of(1, 2, 3, 4) };
  const other = trainBooster(x, Uint8Array.of(0, 1, 0, 1), { seed: 1, trees: 2, minLeafRows: 1 });
  const { relation, tails, ...without } = file.parts;
  const tables = (tails as unknown as { value: Record<string, number[][][]> }).value;
  const changed = (change: (copy: typeof tables) => unknown): Model['parts'] => {
    const copy = structuredClone(tables);
    const value = (change(copy) ?? copy) as never;
    return { ...file.parts, tails: { kind: 'json', value } };
  };
  const lists: Model['parts'][] = [
    without,
    { ...without, relation: relation! },
    { ...file.parts, relation: other },
    { ...file.parts, relation: { kind: 'json', value: 1 } },
    changed(() => []),
    changed(() => 7),
    changed((copy) => void delete copy['targeted']),
    changed((copy) => void copy['relation']!.pop()),
    changed((copy) => void copy['relation']![4]![1]!.fill(0)),
    changed((copy) => void copy['relation']![4]![1]!.fill(2)),
    changed((copy) => void copy['relation']![4]![0]!.reverse()),
    changed((copy) => void copy['relation']![4]![0]!.push(9)),
    changed((copy) => ({ ...copy, charm: copy['relation'] })),
  ];
  for (const parts of lists) {
    assert.throws(() => decodeRiskModel(encodeModel({ ...file, parts })), { code: 'bad_model' });
  }
});

test('Bytes that were cut or changed are refused, or are a model whose every answer is a number', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean(), (at, to, isCut) => {
      const changed = isCut ? bytes.slice(0, at % bytes.length) : bytes.slice();
      if (!isCut) changed[at % bytes.length] = to;
      try {
        const read = decodeRiskModel(changed);
        for (const row of rows) assert.ok(Number.isFinite(read.relation.predict(row)));
      } catch (error) {
        assert.ok(isCodedError(error) && error.code === 'bad_model', String(error));
      }
    }),
    { numRuns: 120 },
  );
});

test('Only the bytes of the hash are opened, or those under a signature of who is trusted', () => {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  assert.equal(openRiskModel(bytes, { sha256 }).id, model.id);
  const refused = { code: 'model_not_known' };
  assert.throws(() => openRiskModel(bytes, { sha256: sha256.replace(/^./, 'g') }), refused);
  const [own, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const signed = signModel(bytes, 'trainer', own.privateKey);
  assert.equal(openRiskModel(signed, { keys: { trainer: own.publicKey } }).id, model.id);
  assert.throws(() => openRiskModel(signed, { keys: { trainer: other.publicKey } }), refused);
  assert.throws(() => openRiskModel(signed, { keys: {} }), refused);
  assert.throws(() => openRiskModel(bytes, { keys: { trainer: own.publicKey } }), refused);
});
