import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assess, learn } from '../assess/assess.ts';
import type { Assessment } from '../assess/assessment.ts';
import { openRiskEngine } from '../assess/open-risk-engine.ts';
import type { ActFacts, RiskEngine } from '../assess/risk-engine.ts';
import { RealmCounts } from '../counts/realm-counts.ts';
import { InfrastructureCounters } from '../infrastructure/infrastructure-counters.ts';
import { countTraffic, infrastructureHead } from '../infrastructure/infrastructure-head.ts';
import { ATTRIBUTE_INDEX } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { learnNovelty, noveltyHead } from '../novelty/novelty-head.ts';
import { Profile } from '../profile/profile.ts';
import { Calibration } from '../score/calibration.ts';
import { scoreAct } from '../score/score-act.ts';
import { teachCalibration } from '../score/teach-calibration.ts';
import { makeInput, makeSmallRealm, trainSmallModel } from '../testing/small-realm.ts';
import { replaceAttacks } from '../training/replace-attacks.ts';
import { explainAct } from './explain-act.ts';
import { plainText, sayShare } from './plain-text.ts';
import { REASONS } from './reason-catalogue.ts';
import { makeFamiliar, type Suspect } from './suspects.ts';

interface Alert {
  input: RiskInput;
  memory: ReturnType<typeof memoryWith>;
  assessment: Assessment;
}

const model = trainSmallModel(makeSmallRealm(1, 300, 4_000));
const settings = openRiskEngine({ parts: { score: scoreAct } }).engine.settings;
const detections = [{ code: 'made_up', tail: 0.001, sentence: 'Made up: it fired.', facts: {} }];
const engine: RiskEngine = {
  model,
  degraded: [],
  settings,
  parts: {
    infrastructure: infrastructureHead,
    novelty: noveltyHead,
    detect: ({ factorDenials }) => (factorDenials === 9 ? detections : []),
    score: scoreAct,
    explain: explainAct,
    learners: [teachCalibration({ model, settings }), learnNovelty, countTraffic],
  },
};
const realm = {
  counts: new RealmCounts(),
  infrastructure: new InfrastructureCounters(),
  calibration: new Calibration(),
  detectors: { encode: () => new Uint8Array() },
};
const memoryWith = (profile: Profile) => ({ ...realm, profile });

/** Attackers of every kind against a realm that has lived a while; nothing of them is learned. */
function raiseAlerts(): Alert[] {
  const acts = makeSmallRealm(7, 400, 6_000);
  const attacks = replaceAttacks(acts, { seed: 3 });
  const profiles = Array.from({ length: 400 }, () => new Profile());
  const verdict = { profile: true, counts: true, infrastructure: true, weight: 1 };
  const alerts: Alert[] = [];
  const values = new Float64Array(13);
  let attack = 0;
  for (let row = 0; row < acts.size; row++) {
    const memory = memoryWith(profiles[acts.subject[row]!]!);
    const timeMs = acts.timeMs[0]! + row * 60_000;
    for (; attack < attacks.size && attacks.row[attack]! <= row; attack++) {
      if (row < 4_000 || memory.profile.depth === 0) continue;
      attacks.fill(attack, values);
      const flags = { ...makeInput(values, 0).flags, tor: attack % 4 === 0 };
      const input = {
        ...makeInput(values.slice(), timeMs),
        flags,
        factorDenials: attack % 12 ? 0 : 9,
      };
      const assessment = assess(engine, input, memory);
      const then = { ...memory, profile: Profile.decode(memory.profile.encode()) };
      if (assessment.level !== 'low') alerts.push({ input, memory: then, assessment });
    }
    const input = { ...makeInput(acts.values[row]!, timeMs), subjectKey: `s${acts.subject[row]}` };
    const assessment = assess(engine, input, memory);
    learn(engine, input, assessment, memory, {
      ...verdict,
      calibration: assessment.level === 'low',
    });
  }
  return alerts;
}

const alerts = raiseAlerts();
const UNPLAIN = /[\p{C}\p{Zl}\p{Zp}<>"`\\{}|^[\]]/u;

/** The act anew with what its reasons name made familiar, and whether it would still be an alert. */
function withoutNamed({ input, memory, assessment }: Alert): Assessment['level'] {
  const act = { input, memory, model, settings, depth: memory.profile.depth };
  const suspects = assessment.reasons.map(({ group, code }): Suspect => suspectOf(group, code));
  const { input: familiar, without } = makeFamiliar(suspects, act as ActFacts);
  const parts = {
    ...engine.parts,
    detect: () =>
      (engine.parts.detect?.(familiar, memory) ?? []).filter(
        ({ code }) => !without.detections?.has(code),
      ),
  };
  return assess({ ...engine, parts }, familiar, memory).level;
}

function suspectOf(group: string, code: string): Suspect {
  const bundles = [
    ['ip', 'net', 'asn'],
    ['country'],
    ['ua', 'browser', 'os', 'device', 'language', 'ja4'],
    ['deviceKey', 'dpopKey'],
    ['app'],
  ] as const;
  const attributes = bundles.find((each) => (each as readonly string[]).includes(group)) ?? [];
  const detection = detections.find((each) => each.code === code);
  const name =
    group === 'ip' || group === 'net' || group === 'asn'
      ? 'network'
      : group === 'anonymity'
        ? 'anonymity'
        : 'app';
  return { name, attributes, groups: attributes, ...(detection ? { detection } : {}) };
}

describe('reasons', () => {
  it('are what made the alert: without what they name, at least 95 in 100 are none', () => {
    assert.ok(alerts.length > 100, `${alerts.length} alerts`);
    const gone = alerts.filter((alert) => withoutNamed(alert) === 'low').length;
    assert.ok(gone >= 0.95 * alerts.length, `${gone} of ${alerts.length}`);
  });

  it('are one to three, weightiest first, known by the catalogue, and share what raised the score', () => {
    for (const { assessment } of alerts) {
      const { reasons } = assessment;
      assert.ok(reasons.length >= 1 && reasons.length <= 3);
      assert.ok(Math.abs(reasons.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
      reasons.forEach(({ share }, index) => {
        assert.ok(index === 0 || share <= reasons[index - 1]!.share);
      });
      for (const { code, group, sentence } of reasons) {
        if (group !== 'detection') assert.ok(REASONS[code], code);
        assert.match(sentence, /^[\p{L}].*\.$/u);
      }
      assert.equal(new Set(reasons.map(({ code }) => code)).size, reasons.length);
    }
  });

  it('come with what would have kept the act below medium', () => {
    const told = alerts.filter(({ assessment }) => assessment.counterfactual !== undefined);
    assert.ok(told.length >= 0.95 * alerts.length);
    for (const { assessment } of told)
      assert.match(assessment.counterfactual!, /^Below medium if .+\.$/);
  });

  it('name the country that is usual, the one that is now, and how rare that is', () => {
    const act = alerts.find(({ assessment }) =>
      assessment.reasons.some(({ group }) => group === 'country'),
    );
    assert.ok(act);
    const values = act.input.values.slice();
    values[ATTRIBUTE_INDEX.country] = 'L'.charCodeAt(0) * 256 + 'V'.charCodeAt(0);
    const profile = new Profile();
    const home = act.input.values.slice();
    home[ATTRIBUTE_INDEX.country] = 'N'.charCodeAt(0) * 256 + 'O'.charCodeAt(0);
    home[ATTRIBUTE_INDEX.asn] = 1;
    home[ATTRIBUTE_INDEX.ip] = 1;
    for (let n = 0; n < 20; n++) profile.learn(home, act.input.timeMs - (21 - n) * 86_400_000);
    const input = { ...act.input, values, labels: { country: 'LV', asn: 'AS12578 Tet' } };
    const { reasons } = assess(engine, input, memoryWith(profile));
    const sentences = reasons.map(({ sentence }) => sentence);
    assert.ok(
      sentences.some((each) => /^Country: usually NO, now LV \(.+ % of sign-ins\)\.$/.test(each)),
      sentences.join(' '),
    );
  });

  it('do not say that a label is what a stranger wrote into it', () => {
    const nasty = `\u202eevil\u0000<script>"\n${'x'.repeat(5_000)}`;
    for (const { input, memory } of alerts.slice(0, 20)) {
      const labels = { asn: nasty, country: nasty, browser: nasty, ua: nasty, os: nasty };
      for (const { sentence } of assess(engine, { ...input, labels }, memory).reasons) {
        assert.ok(sentence.length < 200);
        assert.doesNotMatch(sentence, UNPLAIN);
      }
    }
  });

  it('are none for an act that is like any other', () => {
    const { input, memory } = alerts[0]!;
    const profile = new Profile();
    for (let n = 0; n < 20; n++) profile.learn(input.values, input.timeMs - (21 - n) * 3_600_000);
    const { score, reasons } = assess(
      engine,
      { ...input, flags: makeInput(input.values, 0).flags, factorDenials: 0 },
      { ...memory, profile },
    );
    assert.ok(score < 25, `${score}`);
    assert.deepEqual(reasons, []);
  });
});

describe('a text that is shown', () => {
  it('is short, of one line, without marks that markup or terminals read', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 0x10ffff }), { maxLength: 400 }), (points) => {
        const text = String.fromCodePoint(...points);
        const plain = plainText(text);
        if (plain === undefined) return;
        assert.ok([...plain].length <= 40 && plain.trim() === plain && plain !== '');
        assert.doesNotMatch(plain, UNPLAIN);
      }),
    );
    assert.equal(plainText('AS2119 Telenor'), 'AS2119 Telenor');
    assert.equal(plainText('\u0007\u202e'), undefined);
  });

  it('says shares as people read them', () => {
    const said = [0, 0.00004, 0.0001, 0.004, 0.42, 1].map((share) => sayShare(share));
    assert.deepEqual(said, [
      'less than 0.01 % of sign-ins',
      'less than 0.01 % of sign-ins',
      '0.01 % of sign-ins',
      '0.4 % of sign-ins',
      '42 % of sign-ins',
      '100 % of sign-ins',
    ]);
  });
});
