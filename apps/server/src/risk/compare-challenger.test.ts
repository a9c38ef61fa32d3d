import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareChallenger } from './compare-challenger.ts';

type Told = Record<string, unknown>;
const story = (...told: Told[]) =>
  told.map((countersign, at) => ({ sequence: at + 1, ocsf: { unmapped: { countersign } } }));

function assessed(id: string, champion: number, challenger: number, model = 'next'): Told {
  const extra = { challenger: model, challengerScore: challenger };
  return { risk: { assessment: id, score: champion }, extra };
}
const said = (id: string, operation: string, believed = true): Told => ({
  ...{ operation, item: { id }, extra: { believed } },
});

function audit(events: ReturnType<typeof story>) {
  return {
    listEvents: async ({ beforeSequence = 0, limit = 0 }: Record<string, unknown>) =>
      events
        .filter(({ sequence }) => sequence < Number(beforeSequence))
        .reverse()
        .slice(0, Number(limit)) as never,
  };
}

test('Both models are compared over what both judged, and what was said last is what it was', async () => {
  const quiet = Array.from({ length: 2_100 }, (_, at) => assessed(`q-${at}`, 1, 1));
  const events = story(
    ...quiet,
    ...[assessed('theft', 20, 80), assessed('fine', 80, 20), assessed('other', 99, 99, 'past')],
    ...[said('theft', 'dismiss'), said('theft', 'confirm_compromised')],
    ...[said('q-1', 'was_me', false), said('fine', 'confirm_safe')],
  );
  const found = await compareChallenger(audit(events), 'next', 0.01);
  assert.equal(found?.acts, 2_102);
  assert.deepEqual(found.seen, { champion: 0, challenger: 1 });
  assert.deepEqual(found.alarms, { champion: 1, challenger: 0 });
  assert.ok(found.release, found.why);
  assert.equal(await compareChallenger(audit(events), 'unheard', 0.01), undefined);
});
