import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from './scenario-result.ts';
import { claim, type Story, tellStory } from './tell-story.ts';

const GOOD: Outcome = {
  peers: [{ name: 'jose', version: '1.0.0', accepted: true, detail: '' }],
  countersign: { refused: true, code: 'receipt_missing' },
  alarm: { raised: true, secondsToAlarm: 1, kid: 'k', quarantined: true },
};

function told(plot: (story: Story) => Promise<void>) {
  const lines: string[] = [];
  return tellStory('test', plot, (line) => lines.push(line)).then((result) => ({ result, lines }));
}

describe('a story', () => {
  it('holds when every step and the claim of every scenario holds', async () => {
    const { result, lines } = await told(async (story) => {
      story.note(GOOD);
      await story.step('one', async () => ({ detail: 'done', value: undefined }));
    });
    assert.equal(result.ok, true);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).line),
      ['doing', 'step', 'result'],
    );
    assert.ok(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1));
  });

  it('ends with the step that does not hold, and says why', async () => {
    const { result } = await told(async (story) => {
      story.note(GOOD);
      await story.step('one', async () => {
        claim(false, 'It does not hold.');
        return { detail: '', value: undefined };
      });
      await story.step('two', async () => ({ detail: '', value: undefined }));
    });
    assert.equal(result.ok, false);
    assert.deepEqual(
      result.steps.map(({ name, ok, detail }) => ({ name, ok, detail })),
      [{ name: 'one', ok: false, detail: 'It does not hold.' }],
    );
    assert.deepEqual(result.alarm, GOOD.alarm);
  });

  const bad: [string, Partial<Outcome>][] = [
    ['nobody was shown the forgery', { peers: [] }],
    ['a peer refuses', { peers: [{ name: 'a', version: '1', accepted: false, detail: 'no' }] }],
    ['ours accepts', { countersign: { refused: false, code: '' } }],
    ['there is no alarm', { alarm: { ...GOOD.alarm, raised: false } }],
    ['the key is not quarantined', { alarm: { ...GOOD.alarm, quarantined: false } }],
  ];
  for (const [name, outcome] of bad) {
    it(`does not hold when ${name}`, async () => {
      const { result } = await told(async (story) => {
        story.note({ ...GOOD, ...outcome });
        await story.step('one', async () => ({ detail: 'done', value: undefined }));
      });
      assert.equal(result.ok, false);
    });
  }

  it('of accounts holds when each was noticed, and kept from what it was taken for', async () => {
    const taken = {
      ...{ who: 'customer', score: 82, level: 'high', action: 'deny', stopped: true },
      ...{ reasons: ['A new address.'], detections: [], ended: 'never began' },
    } as const;
    const limited = { ...taken, level: 'medium', action: 'allow', stopped: false } as const;
    const cases: [boolean, object[]][] = [
      [true, [taken, limited]],
      [false, []],
      [false, [taken, { ...taken, level: 'low' }]],
      [false, [{ ...taken, reasons: [] }]],
      [false, [{ ...taken, stopped: false }]],
    ];
    for (const [holds, takeovers] of cases) {
      const { result } = await told(async (story) => {
        story.note({ takeovers: takeovers as Outcome['takeovers'] & object });
        await story.step('one', async () => ({ detail: 'done', value: undefined }));
      });
      assert.equal(result.ok, holds, JSON.stringify(takeovers));
    }
  });

  it('does not hold without a step', async () => {
    const { result } = await told(async (story) => story.note(GOOD));
    assert.equal(result.ok, false);
  });
});
