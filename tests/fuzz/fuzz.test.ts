// Every parser of the log's formats, taken apart for a bounded time; and each time a parser with a
// planted fault beside it, which the same fuzzer must find in the same time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteCanaries, byteTargets } from './byte-targets.ts';
import { type FuzzOutcome, type FuzzTarget, fuzz } from './fuzz.ts';
import { textCanaries, textTargets } from './text-targets.ts';

const FOR_MS = Number(process.env['COUNTERSIGN_FUZZ_MS'] ?? 1_000);
const SEED = Number(process.env['COUNTERSIGN_SEED'] ?? 1 + Math.floor(Math.random() * 2 ** 31));

function describeFailure({ failure }: FuzzOutcome): string {
  if (failure === undefined) return '';
  const { input, error } = failure;
  return `COUNTERSIGN_SEED=${SEED}, input ${Buffer.from(input).toString('base64')}: ${error}`;
}

function checkCorpus({ corpus, accepts }: FuzzTarget): void {
  for (const [at, input] of corpus.entries()) assert.ok(accepts(input), `genuine input ${at}`);
}

describe('the parsers of the log', () => {
  for (const target of [...textTargets(), ...byteTargets()]) {
    it(`keep their promise whatever is done to a ${target.name}`, () => {
      checkCorpus(target);
      const outcome = fuzz(target, SEED, FOR_MS);
      assert.equal(outcome.failure, undefined, describeFailure(outcome));
      assert.ok(outcome.runs > 500, `only ${outcome.runs} inputs were tried`);
      assert.ok(outcome.accepted > 0, 'nothing but genuine inputs was ever accepted');
    });
  }
});

describe('the fuzzer, as its own canary', () => {
  for (const target of [...textCanaries(), ...byteCanaries()]) {
    it(`finds the fault of a ${target.name}`, () => {
      checkCorpus(target);
      assert.ok(fuzz(target, SEED, FOR_MS * 10).failure, `not found; COUNTERSIGN_SEED=${SEED}`);
    });
  }
});
