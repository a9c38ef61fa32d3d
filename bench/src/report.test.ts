import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Section, writePage } from './report.ts';

const section = (title: string, measured: number, met = true): Section => ({
  title,
  method: 'As always.',
  header: ['', 'a second'],
  rows: [{ cells: ['ours', measured] }],
  goals: [{ what: 'much', goal: '≥ 1', measured: String(measured), met }],
  limit: 'The machine.',
});

describe('the page of measurements', () => {
  const first = writePage('', [section('One', 1), section('Two', 2)], '2026-01-01', 'a machine');

  it('has a section for each, with date, table, goals and limit', () => {
    assert.match(first, /^# Performance\n\nWritten by .* Machine: a machine\.\n/);
    assert.match(first, /\n## One\n\nMeasured 2026-01-01\. As always\.\n\n\| {2}\| a second \|\n/);
    assert.match(first, /\| much \| ≥ 1 \| 2 \| met \|/);
    assert.match(first, /\*\*Limit\.\*\* The machine\.\n$/);
  });

  it('keeps what was not measured again, in its place and with its date', () => {
    const again = writePage(first, [section('One', 1000, false)], '2026-02-02', 'a machine');
    assert.deepEqual(again.match(/^## .*$/gm), ['## One', '## Two']);
    assert.match(again, /## One\n\nMeasured 2026-02-02\./);
    assert.match(again, /\| ours \| 1,000 \|/);
    assert.match(again, /\*\*short\*\*/);
    assert.match(again, /## Two\n\nMeasured 2026-01-01\./);
  });

  it('is the same when the same is measured again', () => {
    const sections = [section('One', 1), section('Two', 2)];
    assert.equal(writePage(first, sections, '2026-01-01', 'a machine'), first);
  });
});
