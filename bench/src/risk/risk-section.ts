// Section: what one judged act costs, from the profile that is read to the profile that is kept, beside
// the baseline of the field on the same logins; and what a million profiles weigh.

import { openRiskEngine, readDefaultModel, scoreAct } from '@countersign/risk';
import { measureInTurns, percentile, type Timing } from '../measure.ts';
import type { Section } from '../report.ts';
import { LivingFreeman, LivingRealm, makeLogins } from './replay-realm.ts';
import { type ProfileWeight, weighProfiles } from './weigh-profiles.ts';

const USERS = 30_000;
const PROFILES = 1_000_000;
const PLAN = { rounds: 7, roundMs: 1000 };
const TIMED = 200_000;
const GOALS = { perSecond: 20_000, p99Ms: 1, bytes: 2e9 };

interface Measured {
  all: Timing;
  heads: Timing;
  freeman: Timing;
  p50Ms: number;
  p99Ms: number;
  weight: ProfileWeight;
}

export async function riskSection(): Promise<Section> {
  const logins = makeLogins(USERS);
  const weight = weighProfiles(logins, PROFILES);
  const whole = new LivingRealm(logins);
  const { engine } = openRiskEngine({ model: readDefaultModel(), parts: { score: scoreAct } });
  const heads = new LivingRealm(logins, engine);
  const freeman = new LivingFreeman(logins);
  // A realm whose counters and reservoirs are full: the dearest there is.
  for (let row = 0; row < logins.size; row++) for (const each of [whole, heads]) each.step();
  const timings = await measureInTurns(
    [whole, heads, freeman].map((each, at) => ({
      name: String(at),
      run: (count) => {
        for (let turn = 0; turn < count; turn++) each.step();
      },
    })),
    PLAN,
  );
  const sorted = Float64Array.from({ length: TIMED }, () => {
    const startedMs = performance.now();
    whole.step();
    return performance.now() - startedMs;
  }).sort();
  const times = [...sorted];
  const [all, learned, baseline] = timings as [Timing, Timing, Timing];
  const found = { all, heads: learned, freeman: baseline, weight };
  return section({ ...found, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) });
}

const perSecond = ({ cpuMicroseconds }: Timing): number => 1e6 / cpuMicroseconds;
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

function section({ all, heads, freeman, p50Ms, p99Ms, weight }: Measured): Section {
  return {
    title: 'Judging an act',
    method: `One process, acts a second of processor time, median of ${PLAN.rounds} rounds taken in turns, over the made-up year of ${whole(USERS)} people, after it was lived once. An act is assessed with every part (two learned heads of 200 trees, traffic, novelty, detectors, calibration, reasons where there is something to say) and then learnt by all of them. Not counted: looking up the address, keyed hashes, what the memory writes to disk. Published for rules in Python on other hardware: 7,204 a second, p50 0.10, p99 0.30 ms.`,
    header: ['what', 'acts a second', 'µs an act', 'slowest round over fastest'],
    rows: [
      {
        cells: ['every part, assessed and learnt', perSecond(all), all.cpuMicroseconds, all.spread],
      },
      {
        cells: [
          'learned heads and score alone',
          perSecond(heads),
          heads.cpuMicroseconds,
          heads.spread,
        ],
      },
      {
        cells: [
          'Freeman (EXTEND), same logins',
          perSecond(freeman),
          freeman.cpuMicroseconds,
          freeman.spread,
        ],
      },
    ],
    goals: [
      {
        what: 'assessed and learnt, one core',
        goal: `> ${whole(GOALS.perSecond)} a second`,
        measured: `${whole(perSecond(all))} a second`,
        met: perSecond(all) > GOALS.perSecond,
      },
      {
        what: 'time of one act, p99',
        goal: `< ${GOALS.p99Ms} ms`,
        measured: `${p99Ms.toFixed(3)} ms (p50 ${p50Ms.toFixed(3)})`,
        met: p99Ms < GOALS.p99Ms,
      },
      {
        what: `${whole(weight.profiles)} profiles of ${whole(weight.acts)} acts in memory`,
        goal: `< ${GOALS.bytes / 1e9} GB`,
        measured: `${(weight.residentBytes / 1e9).toFixed(2)} GB, ${whole(weight.encodedBytes)} bytes each on disk`,
        met: weight.residentBytes < GOALS.bytes,
      },
    ],
    limit: `Memory more than arithmetic. The two heads take a third to a half of an act: 400 trees, and what each attribute adds to them. The rest goes to traffic counted by address, network and system in four windows, to what detectors and calibration keep, and to the collection of what all of them throw away. Freeman is faster by far and knows nothing of time, traffic or calibration.`,
  };
}
