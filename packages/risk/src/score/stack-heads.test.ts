import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Logistic } from '@countersign/learner';
import { HEADS, type HeadName } from '../assess/assessment.ts';
import { DEFAULT_SETTINGS } from '../assess/open-risk-engine.ts';
import type { ActFacts } from '../assess/risk-engine.ts';
import type { RiskModel } from '../model/risk-model.ts';
import { Profile } from '../profile/profile.ts';
import { Calibration, ENOUGH_ACTS } from './calibration.ts';
import { scoreAct } from './score-act.ts';
import { ENOUGH_LABELS, STACKER_PART, stackHeads, trainStacker } from './stack-heads.ts';
import { teachCalibration } from './teach-calibration.ts';

type Tails = Partial<Record<HeadName, number>>;

/** Attacks are odd to the relation head; novelty says the opposite of what is true. */
function labels(count: number, attacks: number) {
  return Array.from({ length: count }, (_, n) => {
    const attack = n < attacks;
    const share = ((n * 37) % 100) / 100;
    const tails: Tails = {
      relation: attack ? 0.001 + 0.05 * share : 0.05 + 0.95 * share,
      novelty: attack ? 0.5 + 0.5 * share : 0.1 + 0.9 * share,
    };
    return { tails, attack };
  });
}

const modelOf = (parts: RiskModel['parts']) => ({ parts }) as RiskModel;

describe('fusion learned from labels', () => {
  it('is not tried with fewer than 200 labels, or with hardly any of one kind', () => {
    assert.equal(trainStacker(labels(ENOUGH_LABELS - 1, 100)), undefined);
    assert.equal(trainStacker(labels(400, 19)), undefined);
    assert.notEqual(trainStacker(labels(ENOUGH_LABELS, 100)), undefined);
  });

  it('tells attacks, and no head that is odder ever lowers what it says', () => {
    const stacker = trainStacker(labels(400, 150));
    assert.ok(stacker);
    const model = modelOf({ [STACKER_PART]: stacker });
    const said = (tails: Tails) => stackHeads(model, tails) ?? Number.NaN;
    assert.ok(said({ relation: 0.001 }) > said({ relation: 0.5 }) + 1);
    for (const head of HEADS) {
      for (const tail of [1, 0.3, 0.01, 1e-5, 0]) {
        assert.ok(
          said({ relation: 0.1, [head]: tail / 10 }) >= said({ relation: 0.1, [head]: tail }),
        );
      }
    }
  });

  it('learns nothing of a head that found next to nothing in the labels', () => {
    const few = labels(400, 150).map(({ tails, attack }, n) => ({
      tails: { ...tails, infrastructure: attack ? 0.9994 : 0.9999, targeted: n < 10 ? 0.001 : 0.9 },
      attack,
    }));
    const stacker = trainStacker(few);
    assert.ok(stacker);
    const model = modelOf({ [STACKER_PART]: stacker });
    const usual = stackHeads(model, { relation: 0.5 });
    assert.equal(stackHeads(model, { relation: 0.5, infrastructure: 1e-5 }), usual);
    assert.equal(stackHeads(model, { relation: 0.5, targeted: 1e-5 }), usual);
  });

  it('is left out where the model has none, or one for other heads', () => {
    assert.equal(stackHeads(undefined, { relation: 0.1 }), undefined);
    assert.equal(stackHeads(modelOf({}), { relation: 0.1 }), undefined);
    const stacker = trainStacker(labels(400, 150)) ?? assert.fail();
    const others = new Logistic(HEADS.toReversed(), stacker.numbers);
    assert.equal(stackHeads(modelOf({ [STACKER_PART]: others }), { relation: 0.1 }), undefined);
  });

  it('scores once the realm has acts enough to tell how odd its answer is, and not before', () => {
    const stacker = trainStacker(labels(400, 150)) ?? assert.fail();
    const [calibration, settings] = [new Calibration(), DEFAULT_SETTINGS];
    const memory = { profile: new Profile(), calibration } as unknown as ActFacts['memory'];
    const input = { outcome: 'success', timeMs: Date.UTC(2026, 0, 1) } as ActFacts['input'];
    const stacked = { parts: { [STACKER_PART]: stacker }, tails: {} } as unknown as RiskModel;
    const score = (raw: number, model: RiskModel | undefined) => {
      const head = { raw, contributions: [] };
      return scoreAct({ relation: head }, [], { input, memory, model, settings, depth: 0 });
    };
    const teach = teachCalibration({ settings, model: stacked });
    const live = (acts: number) => {
      for (let act = 0; act < acts; act++) {
        const { heads } = score(((act * 37) % 101) / 101, stacked);
        teach(input, { heads, detections: [] }, memory, { calibration: true });
      }
    };
    const differs = () =>
      [0.2, 0.9].map((raw) => score(raw, stacked).score !== score(raw, undefined).score);
    live(ENOUGH_ACTS - 10);
    assert.deepEqual(differs(), [false, false]);
    live(2 * ENOUGH_ACTS);
    assert.ok(differs().includes(true));
    assert.ok(score(0.9, stacked).score >= score(0.2, stacked).score);
  });
});
