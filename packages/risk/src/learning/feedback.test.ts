import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { effectOf, FEEDBACK_VERBS, type FeedbackFacts } from './feedback.ts';

const analyst = { by: 'analyst', fromSameSession: false, withOldFactor: false } as const;
const person = { by: 'person', fromSameSession: false, withOldFactor: true } as const;
const said = (verb: FeedbackFacts['verb'], facts: Omit<FeedbackFacts, 'verb'>) =>
  effectOf({ verb, ...facts });

describe('what an analyst says', () => {
  it('confirmed compromised: high, an attack, the profile as it was before, the sessions over', () => {
    assert.deepEqual(said('confirm_compromised', analyst), {
      ...{ believed: true, standing: 'high', label: 1 },
      ...{ teaches: false, rollsBack: true, endsSessions: true },
    });
  });

  it('confirmed safe: clear, no attack, and the like of it is familiar from now on', () => {
    const { standing, label, teaches } = said('confirm_safe', analyst);
    assert.deepEqual([standing, label, teaches], ['clear', 0, true]);
  });

  it('dismissed: clear, no attack, and the like of it is flagged again', () => {
    const { standing, label, teaches } = said('dismiss', analyst);
    assert.deepEqual([standing, label, teaches], ['clear', 0, false]);
  });
});

describe('what a person says', () => {
  it('it was not me: believed from anywhere, also from the session in question', () => {
    const effect = said('was_not_me', { ...person, fromSameSession: true, withOldFactor: false });
    assert.deepEqual([effect.believed, effect.standing, effect.endsSessions], [true, 'high', true]);
  });

  it('it was me: believed with a factor from before, from another session', () => {
    assert.equal(said('was_me', person).teaches, true);
  });

  it('it was me: not believed from the session in question, nor without a factor from before', () => {
    for (const [facts, why] of [
      [{ ...person, fromSameSession: true }, 'from_the_session_in_question'],
      [{ ...person, withOldFactor: false }, 'without_an_old_factor'],
    ] as const) {
      const effect = said('was_me', facts);
      assert.equal(effect.why, why);
      assert.deepEqual([effect.believed, effect.standing, effect.teaches], [false, 'keep', false]);
    }
  });
});

describe('nobody says what is not theirs to say', () => {
  for (const verb of FEEDBACK_VERBS) {
    it(verb, () => {
      const wrong = verb.startsWith('was_') ? analyst : person;
      const effect = said(verb, wrong);
      assert.deepEqual([effect.believed, effect.why], [false, 'not_theirs_to_say']);
      assert.ok(!effect.teaches && !effect.rollsBack && !effect.endsSessions);
    });
  }
});
