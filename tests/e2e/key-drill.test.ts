// The drill of the kill switch as an operator holds it: the command line, a real server, real verifiers.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type House, runHouse } from './run-house.ts';

interface Drill {
  ok: boolean;
  kid: string;
  issuer: string;
  secondsToLastAcceptance: number;
  verifiers: {
    name: string;
    ours: boolean;
    reports: boolean;
    lastAcceptanceSeconds: number;
    accepting: boolean;
    refusal: string;
    newAccepted: number;
    newRefused: string[];
    sessions: { begun: number; ended: number; lastEndSeconds: number };
  }[];
  issuing: { firstNewSeconds: number | null; longestGapSeconds: number; failed: string[] };
  missed: string[];
  recorded: boolean;
}

const CLI = join(import.meta.dirname, '../../apps/cli/bin/countersign.js');

function drill(house: House, ...args: string[]): Promise<{ exitCode: number | null; out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [CLI, 'keys', 'drill', '--json', '--server', house.url, ...args],
      { env: { ...process.env, COUNTERSIGN_DATA: house.data } },
    );
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, out }));
  });
}

describe('C-14 the kill switch, drilled', () => {
  let house: House;
  let first: Drill;

  before(async () => {
    house = await runHouse();
    const { exitCode, out } = await drill(house);
    first = JSON.parse(out) as Drill;
    assert.deepEqual([first.missed, exitCode], [[], 0], out.slice(0, 1000));
  });

  after(() => house?.remove());

  it('ends every acceptance at ours, reporting or not, and says after how many seconds', () => {
    const ours = first.verifiers.filter((one) => one.ours);
    assert.deepEqual(
      ours.map(({ reports, accepting }) => [reports, accepting]),
      [
        [false, false],
        [true, false],
        [false, false],
        [true, false],
      ],
    );
    for (const { refusal } of ours) assert.match(refusal, /^key_(quarantined|withdrawn)$/);
    // How many is for docs/performance.md: on a busy machine it is the machine that is measured.
    assert.ok(first.secondsToLastAcceptance > 0, `${first.secondsToLastAcceptance} s`);
  });

  it('ends every session that was made out of a token of the key', () => {
    for (const { ours, sessions } of first.verifiers) {
      if (ours) assert.deepEqual([sessions.begun, sessions.ended], [5, 5]);
    }
  });

  it('issues on with the standby, which everybody knows already', () => {
    assert.deepEqual(first.issuing.failed, []);
    assert.ok(first.issuing.firstNewSeconds !== null && first.issuing.firstNewSeconds < 10);
    for (const { name, newAccepted, newRefused } of first.verifiers) {
      assert.deepEqual(newRefused, [], name);
      assert.ok(newAccepted > 0, name);
    }
  });

  it('claims nothing of jose that it did not wait for', () => {
    const jose = first.verifiers.find(({ name }) => name === 'jose');
    assert.equal(jose?.accepting, true, 'a cache of ten minutes');
  });

  it('is on record', async () => {
    assert.equal(first.recorded, true);
    const { events } = (await house.operate('/events?name=key.drilled')) as {
      events: { ocsf: unknown }[];
    };
    assert.equal(events.length, 1);
    assert.match(JSON.stringify(events), new RegExp(first.kid));
  });

  it('can be held again at once', async () => {
    const { exitCode, out } = await drill(house, '--verifiers', '2');
    const second = JSON.parse(out) as Drill;
    assert.deepEqual([second.missed, exitCode], [[], 0], out);
    assert.notEqual(second.kid, first.kid);
  });
});
