// The evaluation that the command line asks for, from a seed or from read data to the report.

import { createHash } from 'node:crypto';
import { encodeRiskModel } from '@countersign/risk';
import { placeAttacks } from '../attackers/place-attacks.ts';
import type { RbaData } from '../dataset/read-rba.ts';
import { auditFingerprint } from '../generator/audit-fingerprint.ts';
import { describeWorld } from '../generator/describe-world.ts';
import { generateWorld } from '../generator/generate-world.ts';
import { DEFAULT_KNOBS } from '../generator/knobs.ts';
import { MIXED_POPULATIONS } from '../generator/population-habits.ts';
import { firstLogins, type Logins } from '../logins.ts';
import { evaluate } from '../protocol/evaluate.ts';
import type { Realised } from '../protocol/realised.ts';
import { runScenarios } from '../scenarios/run-scenarios.ts';
import { DATA_LIMITS, judgeAudit, LIMITS, type TrialReport } from './trial-report.ts';

export interface EvaluationOrder {
  seed: number;
  /** ISO date and time. */
  made: string;
  /** Fewer draws, nothing left out, one world. */
  quick: boolean;
  /** People of the made-up world; default 30,000. */
  users?: number;
  trees?: number;
  onProgress?: (what: string, done: number, of: number) => void;
}

const DRAWS = { quick: 100, thorough: 400 } as const;
const TEST_SHARE = 0.1;
/** The audit keeps every value in a list: enough logins for its bounds, not all of 12 million. */
const MOST_AUDITED = 1_000_000;
const MIXED_USERS = 12_000;

/** @param data read from the published file; a world is made up when absent */
export function runEvaluation(order: EvaluationOrder, data?: RbaData): TrialReport {
  const { seed, made, quick } = order;
  const startedMs = performance.now();
  order.onProgress?.('making up a world', 0, 1);
  const logins = data?.logins ?? generateWorld(seed, { users: order.users ?? DEFAULT_KNOBS.users });
  const draws = quick ? DRAWS.quick : DRAWS.thorough;
  const { model, ...figures } = evaluate(
    logins,
    {
      ...{ seed, made, draws, thorough: !quick, testShare: TEST_SHARE },
      data: data === undefined ? 'generator' : 'rba-dataset',
      ...(order.trees === undefined ? {} : { trees: order.trees }),
      ...(order.onProgress === undefined ? {} : { onProgress: order.onProgress }),
    },
    data?.takeovers,
  );
  const populations = quick || data !== undefined ? null : evaluateMixed(order);
  const bytes = encodeRiskModel(model);
  return {
    ...{
      made,
      seed,
      ...figures,
      populations,
      scenarios: runScenarios(seed, model),
      bootstrapDraws: draws,
    },
    data: {
      source: data === undefined ? 'generator' : 'rba-dataset',
      statistics: describeWorld(logins),
      counted: data?.counted ?? null,
      audit: audit(logins, seed),
    },
    model: {
      id: model.id,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      rows: model.summary.rows,
      legitimate: model.summary.legitimate,
    },
    tookMs: Math.round(performance.now() - startedMs),
    limits: data === undefined ? LIMITS : DATA_LIMITS,
  };
}

function audit(logins: Logins, seed: number): TrialReport['data']['audit'] {
  const first = firstLogins(logins, MOST_AUDITED);
  return judgeAudit(auditFingerprint(first, placeAttacks(first, { seed, share: TEST_SHARE })));
}

/** By population it can only be measured where there are several. */
function evaluateMixed(order: EvaluationOrder): Realised[] | null {
  const { seed, made } = order;
  const mixed = generateWorld(seed, {
    users: Math.min(MIXED_USERS, order.users ?? MIXED_USERS),
    populations: MIXED_POPULATIONS,
  });
  const { models } = evaluate(mixed, {
    ...{ seed, made, draws: 1, thorough: false, data: 'generator, four populations' },
    ...(order.trees === undefined ? {} : { trees: order.trees }),
    ...(order.onProgress === undefined ? {} : { onProgress: order.onProgress }),
  });
  return models['countersign']?.realised ?? null;
}
