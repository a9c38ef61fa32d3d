// Once a day the engine looks at itself: do legitimate acts pass a level as often as its budget allows,
// and does what heads say look as it did when they were calibrated? And what is over goes.

import type { Directory } from '@countersign/directory';
import type { KeptAct } from '@countersign/memory';
import { HEADS, judgeRate, measureDrift, type RiskSettings } from '@countersign/risk';
import type { CountersignEvent, RealmId } from '@countersign/vocabulary';
import { openTurns } from '../reading/work-turns.ts';
import type { OpenedRisk } from './open-risk.ts';
import type { RiskHouse } from './risk-house.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const FOLLOWER = 'drift-day';
const PAGE = 500;
/** Acts that one look takes in, the newest first. */
const MOST_ACTS = 100_000;

type Looking = Pick<RiskHouse, 'memory' | 'audit' | 'clock'> & {
  settings(): RiskSettings;
  tenants(): Promise<string[]>;
  /** The house closes: what is left is done in its next life. */
  isOver(): boolean;
};

/** A job that may run at any time: it works once a day. */
export function watchRisk(
  { house, engine }: Pick<OpenedRisk, 'house' | 'engine'>,
  { tenants }: Pick<Directory, 'tenants'>,
  isOver: () => boolean = () => false,
): () => Promise<void> {
  const names = async () => {
    const found: string[] = [];
    for (let full = true; full; ) {
      const last = found.at(-1);
      const page = await tenants.list({
        limit: PAGE,
        ...(last === undefined ? {} : { after: last }),
      });
      found.push(...page.map(({ name }) => name));
      full = page.length === PAGE;
    }
    return found;
  };
  return watchDrift({ ...house, settings: () => engine.engine.settings, tenants: names, isOver });
}

function watchDrift(house: Looking): () => Promise<void> {
  const { memory, clock } = house;
  let done: number | undefined;
  return async () => {
    done ??= await memory.cursors.read(FOLLOWER);
    const today = Math.floor(clock.nowMs() / DAY_MS);
    // A clock that was ahead once and was set right must not put this off until that day comes.
    if (done === today) return;
    for (const tenant of await house.tenants()) {
      if (house.isOver()) return;
      await lookAt(house, tenant);
    }
    await memory.tidy();
    await memory.cursors.move(FOLLOWER, today);
    done = today;
  };
}

async function lookAt(house: Looking, tenant: string): Promise<void> {
  const { memory, audit, clock } = house;
  // Reading is not waiting: without a rest between two pieces nobody else would have a turn until the end.
  const rest = openTurns();
  const byRealm = new Map<RealmId, SlimAct[]>();
  const sinceMs = clock.nowMs() - 2 * WEEK_MS;
  let taken = 0;
  for (let before: number | undefined; taken < MOST_ACTS; ) {
    const page = await memory.acts.list({
      ...{ tenant, sinceMs, limit: PAGE },
      ...(before === undefined ? {} : { before }),
    });
    for (const act of page) {
      const acts = byRealm.get(act.realm) ?? [];
      acts.push(slim(act));
      byRealm.set(act.realm, acts);
    }
    taken += page.length;
    before = page.at(-1)?.sequence;
    if (page.length < PAGE) break;
    await rest();
  }
  const timeMs = clock.nowMs();
  const events: CountersignEvent[] = [];
  for (const [realm, acts] of byRealm) {
    for (const one of describeRates(acts, house.settings())) events.push({ ...one, realm, timeMs });
    for (const index of HEADS.keys()) {
      await rest();
      const one = describeHead(index, acts, timeMs - WEEK_MS);
      if (one !== undefined) events.push({ ...one, realm, timeMs });
    }
  }
  if (events.length > 0) await audit.record(events);
}

/** What is looked at of an act: a whole one would be kilobytes. */
interface SlimAct {
  timeMs: number;
  level: string;
  state: string;
  raw: (number | undefined)[];
}

function slim({ timeMs, assessment }: KeptAct): SlimAct {
  const { level = 'low', state = 'degraded', heads = {} } = assessment ?? {};
  return { timeMs, level, state, raw: HEADS.map((head) => heads[head]?.raw) };
}

type Drifted = Omit<CountersignEvent, 'timeMs'>;

/** Of acts of subjects that were known: of others nothing is promised. */
function describeRates(acts: readonly SlimAct[], settings: RiskSettings): Drifted[] {
  const judged = acts.filter(({ state }) => state === 'scored');
  const reached = (levels: readonly string[]) =>
    judged.filter(({ level }) => levels.includes(level)).length;
  const rates = [
    ['medium', reached(['medium', 'high']), settings.mediumShare],
    ['high', reached(['high']), settings.highShare],
  ] as const;
  return rates.flatMap(([level, alarms, budget]): Drifted[] => {
    const { rate, verdict } = judgeRate(alarms, judged.length, budget);
    if (verdict !== 'above' && verdict !== 'below') return [];
    return [
      {
        name: 'risk.drifted',
        reason: 'false_positives',
        item: { kind: 'level', id: level },
        message: `${alarms} of ${judged.length} acts of two weeks reached ${level}: ${verdict} the budget.`,
        extra: { share: rate, budget, acts: judged.length, verdict },
      },
    ];
  });
}

/** This week beside the week before. */
function describeHead(
  index: number,
  acts: readonly SlimAct[],
  sinceMs: number,
): Drifted | undefined {
  const [before, now]: [number[], number[]] = [[], []];
  for (const { timeMs, raw } of acts) {
    const said = raw[index];
    if (said !== undefined) (timeMs < sinceMs ? before : now).push(said);
  }
  const { psi, ks, verdict } = measureDrift(before, now);
  if (verdict !== 'moved') return undefined;
  const head = HEADS[index] ?? '';
  return {
    name: 'risk.drifted',
    reason: 'inputs',
    item: { kind: 'head', id: head },
    message: `What the ${head} head says of this week is not as it was the week before.`,
    extra: { psi, ks, acts: now.length },
  };
}
