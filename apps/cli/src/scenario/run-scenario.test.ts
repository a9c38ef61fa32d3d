// What the command makes of a scenario that ends well, badly, or not at all.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { plainPaint } from '../terminal/paint.ts';
import { quietProgress } from '../terminal/show-progress.ts';
import type { CliWorld } from '../world.ts';
import { drawScenario, drawStep } from './draw-scenario.ts';
import { findScenario, listScenarios } from './list-scenarios.ts';
import { runScenario } from './run-scenario.ts';
import type { ScenarioResult, ScenarioStep } from './scenario-result.ts';

const page = { paint: plainPaint, columns: 100 };
const step: ScenarioStep = { name: 'One thing', ok: true, detail: 'went well', ms: 1234 };
const good: ScenarioResult = {
  scenario: 'test',
  peers: [{ name: 'jose', version: '1.2.3', accepted: true, detail: 'a good signature' }],
  countersign: { refused: true, code: 'receipt_missing' },
  alarm: { raised: true, secondsToAlarm: 0.84, kid: 'kid-1', quarantined: true },
  steps: [step],
  ok: true,
};

describe('a scenario', () => {
  let folder: string;
  const world: CliWorld = {
    environment: {},
    workingFolder: '/',
    columns: 100,
    paint: plainPaint,
    progress: quietProgress,
    out: () => {},
    err: () => {},
    readInput: async () => '',
    async *inputChunks() {
      yield new Uint8Array();
    },
    confirm: async () => true,
    untilStopped: async () => {},
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function write(name: string, script: string) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'run.ts'), script);
    writeFileSync(join(folder, name, 'README.md'), `# Title of ${name}\n\nIts first\nparagraph.\n`);
    return findScenario(name, folder);
  }

  it('is told by the title and first paragraph of its README', () => {
    const { title, summary } = write('told', '');
    assert.equal(title, 'Title of told');
    assert.equal(summary, 'Its first paragraph.');
    assert.ok(listScenarios(folder).some(({ name }) => name === 'told'));
  });

  it('reports its steps as they end, and its result; noise between them is passed over', async () => {
    const lines = [
      { line: 'doing', name: 'One thing' },
      { line: 'step', step },
      { line: 'result', result: good },
    ];
    const script = `console.log('noise\\n{"line":"other"}\\n${lines.map((line) => JSON.stringify(line)).join('\\n')}')`;
    const doing: string[] = [];
    const done: ScenarioStep[] = [];
    const result = await runScenario(write('good', script), world, {
      doing: (name) => doing.push(name),
      done: (each) => done.push(each),
    });
    assert.deepEqual({ doing, done, result }, { doing: ['One thing'], done: [step], result: good });
  });

  it('is a failure with its last words when it ends without a result', async () => {
    const scenario = write('dead', "console.error('no room'); process.exit(3);");
    await assert.rejects(runScenario(scenario, world, { doing: () => {}, done: () => {} }), {
      code: 'scenario_failed',
      message: /exit code 3.*no room/s,
    });
  });

  it('is drawn so that the verdicts can be read off', () => {
    const text = drawScenario(write('drawn', ''), good, page).join('\n');
    assert.match(text, /jose +1\.2\.3 +ACCEPTED +a good signature/);
    assert.match(text, /Countersign +REFUSED +receipt_missing/);
    assert.match(text, /token\.forged 0\.8 s after the first use/);
    assert.match(text, /kid-1 quarantined/);
    assert.match(text, /All 1 steps hold/);
    const takeover = {
      ...{
        who: 'customer',
        score: 82.5,
        level: 'high',
        action: 'deny',
        reasons: ['A new address.'],
      },
      detections: [{ code: 'credential_stuffing', sentence: 'Password: from a list.' }],
      ...{ stopped: true, ended: 'never began' },
    };
    const taken = drawScenario(write('taken', ''), { ...good, takeovers: [takeover] }, page);
    assert.match(
      taken.join('\n'),
      /customer +82\.5 high +denied +never began +Password: from a list/,
    );
    assert.deepEqual(drawStep(step, page), ['  ✓ One thing  1.2 s', '      went well']);
  });

  it('is drawn as failed when it failed, each way', () => {
    const bad: ScenarioResult = {
      ...good,
      countersign: { refused: false, code: '' },
      alarm: { ...good.alarm, raised: false },
      steps: [step, { ...step, ok: false, detail: 'went wrong' }],
      ok: false,
    };
    const text = drawScenario(write('failed', ''), bad, page).join('\n');
    assert.match(text, /Countersign +ACCEPTED/);
    assert.match(text, /No alarm was raised/);
    assert.match(text, /1 of 2 steps do not hold/);
    const unquarantined = { ...good, alarm: { ...good.alarm, quarantined: false } };
    assert.match(
      drawScenario(write('loose', ''), unquarantined, page).join('\n'),
      /NOT quarantined/,
    );
  });
});
