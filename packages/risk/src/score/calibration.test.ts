import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HeadName } from '../assess/assessment.ts';
import { DEFAULT_SETTINGS } from '../assess/open-risk-engine.ts';
import type { ActFacts, RawHeads } from '../assess/risk-engine.ts';
import { DEPTH_BUCKETS } from '../assess/risk-engine.ts';
import { Profile } from '../profile/profile.ts';
import { Calibration, UNSURE_SHARE } from './calibration.ts';
import { fuseTails } from './fuse-tails.ts';
import { levelOf, scoreAct, scoreOf } from './score-act.ts';
import { teachCalibration } from './teach-calibration.ts';

const START = Date.UTC(2026, 0, 1);
const DEPTHS = [0, 1, 3, 7, 20];
const teach = teachCalibration({ settings: DEFAULT_SETTINGS });

/** Normal draws that are the same every time. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function actOf(calibration: Calibration, depth: number): ActFacts {
  const profile = new Profile();
  for (let act = 0; act < depth; act++) profile.learn(new Float64Array(13), START);
  const memory = { profile, calibration } as unknown as ActFacts['memory'];
  const input = { outcome: 'success', timeMs: START } as ActFacts['input'];
  return { input, memory, model: undefined, settings: DEFAULT_SETTINGS, depth };
}

const head = (raw: number) => ({ raw, contributions: [] });

/** Lives so many legitimate acts; the share of the later half that was at least medium. */
function liveThrough(acts: number, draw: () => RawHeads, act: ActFacts): number {
  let flagged = 0;
  for (let turn = 0; turn < acts; turn++) {
    const raw = draw();
    const scored = scoreAct(raw, [], act);
    if (turn >= acts / 2 && scored.level !== 'low') flagged++;
    const assessment = { heads: scored.heads, detections: [] };
    teach(act.input, assessment, act.memory, { calibration: scored.level === 'low' });
  }
  return flagged / (acts / 2);
}

describe('the score of a legitimate act', () => {
  // So many that 20 % of 1 % is more than chance.
  const ACTS = 30_000;
  for (const [bucket, depth] of DEPTHS.entries()) {
    it(`is medium once in a hundred with history ${DEPTH_BUCKETS[bucket]}, whether heads agree or not`, () => {
      const normal = draws(11 + bucket);
      const shared = bucket / (DEPTHS.length - 1);
      const share = liveThrough(
        ACTS,
        () => {
          const together = normal();
          const mixed = () => shared * together + Math.sqrt(1 - shared ** 2) * normal();
          return {
            relation: head(mixed() * 3),
            targeted: head(mixed()),
            novelty: head(mixed() - 5),
          };
        },
        actOf(new Calibration(), depth),
      );
      assert.ok(share > 0.008 && share < 0.012, `${share}`);
    });
  }

  it('is the same whatever a head is measured in', () => {
    const [one, other] = [actOf(new Calibration(), 20), actOf(new Calibration(), 20)];
    const normal = draws(3);
    for (let turn = 0; turn < 2_000; turn++) {
      const raw = normal();
      for (const [act, scaled] of [
        [one, raw],
        [other, 40 * raw + 7],
      ] as const) {
        const scored = scoreAct({ relation: head(scaled) }, [], act);
        teach(act.input, { heads: scored.heads, detections: [] }, act.memory, {
          calibration: true,
        });
      }
    }
    const of = (act: ActFacts, raw: number) => scoreAct({ relation: head(raw) }, [], act).score;
    for (const raw of [-1, 0, 1, 2, 2.5])
      assert.ok(Math.abs(of(one, raw) - of(other, 40 * raw + 7)) < 1);
  });
});

describe('a score', () => {
  const taught = actOf(new Calibration(), 20);
  const normal = draws(5);
  const names: readonly HeadName[] = ['relation', 'targeted', 'infrastructure', 'novelty'];
  for (let turn = 0; turn < 3_000; turn++) {
    const raw = Object.fromEntries(names.map((name) => [name, head(normal())]));
    const scored = scoreAct(raw, [], taught);
    teach(taught.input, { heads: scored.heads, detections: [] }, taught.memory, {
      calibration: true,
    });
  }
  const raws = fc.record(
    Object.fromEntries(names.map((name) => [name, fc.double({ min: -6, max: 6, noNaN: true })])),
  );
  const detection = (tail: number) => ({ code: 'x', tail, sentence: 'X.', facts: {} });

  it('begins medium and high with exactly their budgets, which are 50 and 75', () => {
    const { mediumShare, highShare } = DEFAULT_SETTINGS;
    const said = (tail: number) => [levelOf(tail, DEFAULT_SETTINGS), scoreOf(tail)];
    assert.deepEqual(said(mediumShare), ['medium', 50]);
    assert.deepEqual(said(highShare), ['high', 75]);
    assert.deepEqual(
      [mediumShare, highShare].map((share) => said(share * 1.001)[0]),
      ['low', 'medium'],
    );
  });

  it('never falls when a head finds an act odder, or when a detector fires', () => {
    fc.assert(
      fc.property(
        raws,
        fc.constantFrom(...names),
        fc.double({ min: 0, max: 9, noNaN: true }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (said, name, more, tail) => {
          const heads = Object.fromEntries(names.map((each) => [each, head(said[each]!)]));
          const before = scoreAct(heads, [], taught);
          const after = scoreAct({ ...heads, [name]: head(said[name]! + more) }, [], taught);
          const fired = scoreAct(heads, [detection(tail)], taught);
          assert.ok(after.score >= before.score, `${before.score} to ${after.score}`);
          assert.ok(fired.score >= before.score);
        },
      ),
    );
  });

  it('never falls when a head that found nothing odd falls silent', () => {
    fc.assert(
      fc.property(raws, fc.constantFrom(...names), (said, name) => {
        const heads = Object.fromEntries(
          names.map((each) => [each, head(each === name ? -6 : said[each]!)]),
        );
        const { [name]: _, ...rest } = heads;
        assert.ok(scoreAct(rest, [], taught).score >= scoreAct(heads, [], taught).score);
      }),
    );
  });

  it('hears a detection that fires often as one voice among the heads, and one that hardly ever does by itself', () => {
    const usual = Object.fromEntries(names.map((name) => [name, head(-3)]));
    assert.equal(scoreAct(usual, [detection(0.005)], taught).level, 'low');
    assert.equal(scoreAct(usual, [detection(0.0005)], taught).level, 'high');
    const { relation: _, ...unrelated } = usual;
    assert.equal(scoreAct(unrelated, [detection(0.005)], taught).level, 'medium');
  });

  it('of a detection that hardly ever fires is what the detection was given', () => {
    assert.equal(scoreAct({}, [detection(0.001)], taught).score, 75);
    assert.equal(scoreAct({}, [detection(0.001)], taught).level, 'high');
  });
});

describe('fusing', () => {
  it('is the share of acts that look this odd to any head, when heads are independent', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 0.999, noNaN: true }), (tail) => {
        const { headShares } = DEFAULT_SETTINGS;
        // Each head alone reaches the same when it has its share of the budget.
        const own = (share: number) => -Math.expm1(Math.log1p(-tail) * share);
        const fused = fuseTails(
          {
            relation: own(headShares.relation),
            targeted: own(headShares.targeted),
            infrastructure: own(headShares.infrastructure),
            novelty: own(headShares.novelty),
          },
          headShares,
        );
        assert.ok(Math.abs(fused - tail) < 1e-9 * Math.max(1, 1 / tail));
      }),
    );
  });
});

describe('a calibration', () => {
  it('comes back from its bytes, and refuses others', () => {
    const calibration = new Calibration();
    const act = actOf(calibration, 3);
    const normal = draws(2);
    liveThrough(1_000, () => ({ relation: head(normal()), novelty: head(normal()) }), act);
    const bytes = calibration.encode();
    assert.deepEqual(Calibration.decode(bytes).encode(), bytes);
    assert.throws(() => Calibration.decode(bytes.subarray(0, -1)), { code: 'bad_calibration' });
    assert.throws(() => Calibration.decode(Uint8Array.of(9, ...bytes.subarray(1))), {
      code: 'bad_calibration',
    });
    assert.throws(() => Calibration.decode(new Uint8Array(0)), { code: 'bad_calibration' });
  });

  it('believes the training until it has acts of its own, and then itself', () => {
    const calibration = new Calibration();
    const training = {
      raw: [1, 2, 3, 4, 5].map(() => Float64Array.of(0, 10)),
      tail: [1, 2, 3, 4, 5].map(() => Float64Array.of(0.5, 0.001)),
    };
    assert.equal(calibration.tail('relation', 4, 10, training), 0.001);
    assert.equal(calibration.tail('relation', 4, 10), undefined);
    for (let act = 0; act < 5_000; act++) {
      calibration.learn({
        timeMs: START + act,
        bucket: 4,
        raw: { relation: act % 20 === 0 ? 10 : 0 },
      });
    }
    assert.ok(Math.abs(calibration.tail('relation', 4, 10, training)! - 0.05) < 0.002);
    assert.equal(
      calibration.tail('relation', 1, 10, training),
      0.001,
      'other buckets learned nothing',
    );
  });

  it('forgets what is older than thirty days, once there is newer', () => {
    const calibration = new Calibration();
    const day = 86_400_000;
    for (let act = 0; act < 8_000; act++) {
      calibration.learn({
        timeMs: START + act * (day / 160),
        bucket: 4,
        raw: { relation: act < 1_000 ? 9 : 1 },
      });
    }
    assert.ok(calibration.tail('relation', 4, 9)! < 0.002);
    assert.ok(calibration.actsOf('relation', 4) <= 30 * 160 + 160);
  });

  it('of a quiet realm keeps what tells one in a hundred, and none of it for more than half a year', () => {
    const [calibration, day] = [new Calibration(), 86_400_000];
    const learn = (dayOf: number, raw: number) =>
      calibration.learn({ timeMs: START + dayOf * day, bucket: 4, raw: { relation: raw } });
    for (let act = 0; act < 5 * 89; act++) learn(act / 5, 9);
    assert.equal(calibration.actsOf('relation', 4), 5 * 89, 'more than 15 days, fewer than 2,000');
    for (let act = 5 * 89; act < 5 * 185; act++) learn(act / 5, 1);
    assert.ok(calibration.tail('relation', 4, 9)! < 0.003);
  });
});

describe('flooding a calibration', () => {
  const flood = (
    calibration: Calibration,
    acts: number,
    act: { subjectKey?: string; unsure?: boolean },
  ) => {
    for (let turn = 0; turn < acts; turn++) {
      calibration.learn({ timeMs: START, bucket: 4, raw: { relation: 9 }, ...act });
    }
  };
  const ordinary = () => {
    const calibration = new Calibration();
    const normal = draws(8);
    for (let act = 0; act < 5_000; act++) {
      calibration.learn({
        timeMs: START,
        bucket: 4,
        raw: { relation: normal() },
        subjectKey: `person ${act}`,
      });
    }
    return calibration;
  };

  it('by one subject counts a few acts a day', () => {
    const calibration = ordinary();
    flood(calibration, 5_000, { subjectKey: 'thief' });
    assert.ok(calibration.tail('relation', 4, 9)! < 0.02, `${calibration.tail('relation', 4, 9)}`);
  });

  it('by odd acts that nobody vouched for never makes them more than three in a hundred', () => {
    const calibration = ordinary();
    flood(calibration, 50_000, { unsure: true });
    const tail = calibration.tail('relation', 4, 9)!;
    assert.ok(tail <= UNSURE_SHARE * 1.1, `${tail}`);
  });
});
