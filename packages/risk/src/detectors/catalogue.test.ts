import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DETECTOR_CODES, DETECTORS } from './catalogue.ts';
import { DETECTORS_FILE, renderDetectors } from './render-catalogue.ts';

test('DETECTORS.md is what the catalogue prints', () => {
  const content = (page: string) => page.replaceAll(/[\s-]+/g, '');
  assert.ok(
    content(readFileSync(DETECTORS_FILE, 'utf8')) === content(renderDetectors()),
    'run: node packages/risk/src/detectors/render-catalogue.ts',
  );
});

test('no two detectors have one code, and every code can stand in a policy', () => {
  assert.equal(new Set(DETECTOR_CODES).size, DETECTORS.length);
  for (const code of DETECTOR_CODES) assert.match(code, /^[a-z][a-z0-9_]{1,63}$/);
});

test('each has a budget between one in ten thousand and one in a hundred, and somebody it is for', () => {
  for (const { code, tail, subjects, kinds } of DETECTORS) {
    assert.ok(tail >= 0.0001 && tail <= 0.01, code);
    assert.ok(subjects.length > 0 && kinds.length > 0, code);
  }
});
