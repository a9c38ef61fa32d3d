import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScenarios } from './run-scenarios.ts';

for (const { name, what, detected, falseAlarms } of runScenarios(1))
  test(`${name} is detected from every seed, its honest likeness from none: ${what}`, () => {
    assert.equal(detected.runs, detected.of);
    assert.equal(falseAlarms.runs, 0);
  });
