import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareChallenger } from './compare-challenger.ts';
import { refuseUnproved } from './refuse-unproved.ts';

type Told = Record<string, unknown>;
const story = (...told: Told[]) =>
  told.map((countersign, at) => ({ sequence: at + 1, ocsf: { unmapped: { countersign } } }));

function assessed(id: string, champion: number, challenger: number, model = 'next'): Told {
  const extra = { challenger: model, challengerScore: challenger };
  return { operation: 'sign_in', risk: { assessment: id, score: champion, model: 'now' }, extra };
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
    // Judged by the model before, and a use, of which only the odd ones are on record.
    { ...assessed('before', 80, 1), risk: { assessment: 'before', score: 80, model: 'before' } },
    { ...assessed('use', 80, 1), operation: 'use' },
    ...[said('theft', 'dismiss'), said('theft', 'confirm_compromised')],
    ...[said('q-1', 'was_me', false), said('fine', 'confirm_safe')],
  );
  const found = await compareChallenger(
    audit(events),
    { challenger: 'next', champion: 'now' },
    0.01,
  );
  assert.equal(found?.acts, 2_102);
  assert.deepEqual(found.seen, { champion: 0, challenger: 1 });
  assert.deepEqual(found.alarms, { champion: 1, challenger: 0 });
  assert.ok(found.release, found.why);
  assert.equal(
    await compareChallenger(audit(events), { challenger: 'unheard', champion: 'now' }, 0.01),
    undefined,
  );
});

test('A model is let in when it is no worse, or when somebody insists', async () => {
  const quiet = Array.from({ length: 2_100 }, (_, at) => assessed(`q-${at}`, 1, 1));
  const worse = [assessed('theft', 80, 20), said('theft', 'was_not_me')];
  const model = (id: string) => ({ model: { id }, settings: { mediumShare: 0.01 } }) as never;
  const engine = { engine: model('now'), challenger: model('next') };
  const refusal = async (events: Told[], id = 'next', of: typeof engine | object = engine) =>
    await refuseUnproved({ engine: of as typeof engine, audit: audit(story(...events)) }, id).then(
      () => 'let in',
      ({ code, message }) => `${code} ${message}`,
    );
  assert.equal(await refusal(quiet), 'let in');
  assert.match(await refusal([...quiet, ...worse]), /^model_unproved .*0 of 1 attacks/);
  assert.match(await refusal(quiet.slice(0, 100)), /^model_unproved .*2000 are needed/);
  assert.match(await refusal([]), /^model_unproved .*nothing/);
  assert.match(await refusal(quiet, 'another'), /^model_unproved .*looked on/);
  // Where no model judges there is nothing to be worse than; and the one in force may be put in again.
  assert.equal(await refusal([], 'next', { engine: { model: undefined } }), 'let in');
  assert.equal(await refusal([], 'now'), 'let in');
});
