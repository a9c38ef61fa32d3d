// Uses of tokens that verifiers report, judged after they are answered: a token that is used from where
// its session never was. Scores are kept; what is odd is on record, and raises the standing of whose
// token it is, so that the token ends within seconds.

import type { Audit } from '@countersign/audit';
import { Profile } from '@countersign/risk';
import { settleStanding, weigh } from './judge-attempts.ts';
import { attemptOfUse, type ReportedUse, readUses } from './read-uses.ts';
import { recordAlongside } from './record-alongside.ts';
import type { RiskHouse } from './risk-house.ts';
import { type SeenAttempt, seeAttempt } from './see-attempt.ts';

export interface UseJudge {
  /** Takes a report that is on record, and returns at once. */
  take(reporter: UseReporter, report: unknown): void;
  close(): Promise<void>;
}

interface UseReporter {
  id: string;
  tenant: string;
}

interface WaitingUse {
  use: ReportedUse;
  reporter: UseReporter;
}

type Ledger = Pick<Audit, 'findIssued'>;

/** Uses that wait; more are not judged, and that is told. */
const MOST_WAITING = 5_000;
const BATCH = 100;

export function judgeUses(house: RiskHouse, ledger: Ledger): UseJudge {
  let waiting: WaitingUse[] = [];
  let working: Promise<void> | undefined;
  let left = 0;

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      await judgeBatch(house, ledger, batch);
    }
    if (left > 0) house.log.warn({ uses: left }, 'uses came too fast: these were not judged');
    left = 0;
  }
  return {
    take: (reporter, report) => {
      const room = MOST_WAITING - waiting.length;
      const uses = readUses(report);
      for (const use of uses.slice(0, room)) waiting.push({ use, reporter });
      left += Math.max(0, uses.length - room);
      working ??= work().finally(() => {
        working = undefined;
      });
    },
    close: async () => {
      waiting = [];
      await working;
    },
  };
}

/** One that cannot be judged costs the others nothing. */
async function judgeBatch(
  house: RiskHouse,
  ledger: Ledger,
  batch: readonly WaitingUse[],
): Promise<void> {
  for (const one of batch) {
    await judgeUse(house, ledger, one).catch((err: unknown) =>
      house.log.error({ err }, 'a use could not be judged'),
    );
  }
}

async function judgeUse(
  house: RiskHouse,
  ledger: Ledger,
  { use, reporter }: WaitingUse,
): Promise<void> {
  const issued = await ledger.findIssued({ tokenHash: use.tokenHash });
  if (issued === undefined) return;
  const attempt = attemptOfUse(use, reporter, issued, house.clock.nowMs());
  // A report that comes again is one use.
  if (attempt === undefined || (await house.memory.acts.find(attempt.id)) !== undefined) return;
  const own = await seeAttempt(house, attempt);
  const { act, events, seen } = weigh(house, await withoutHabits(house, own), NOBODY_IS_ASKED);
  const isOrdinary = act.assessment?.level === 'low' && events.length === 1;
  const told = isOrdinary ? [] : events;
  await house.memory.write([act], async (tx) =>
    told.length === 0 ? undefined : recordAlongside(house.audit, told, tx),
  );
  settleStanding(house, seen, told);
}

/** It is over: what follows is for the standing to say. */
const NOBODY_IS_ASKED = { hasFactor: false, otherAdministratorsAble: true } as const;

/**
 * A client with a secret uses the tokens of its people from its own servers: what those show is no habit of
 * the person and no change of the session. What is left is the token itself, used in two places at once.
 */
async function withoutHabits(house: RiskHouse, seen: SeenAttempt): Promise<SeenAttempt> {
  const { attempt, input, memory } = seen;
  const { realm, clientId, subjectKind } = attempt;
  if (subjectKind === 'workload' || clientId === undefined) return seen;
  if (!(await house.hasServers(realm, clientId))) return seen;
  const { session: _, ...rest } = input;
  return { ...seen, input: rest, memory: { ...memory, profile: new Profile() } };
}
