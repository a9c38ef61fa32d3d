// Lives a stream of traffic once: each success is described by what came from its address, network and operator
// before it, then counted like everything else.

import type { Matrix } from '@countersign/learner';
import {
  countTraffic,
  InfrastructureCounters,
  type RealmMemory,
  type RiskInput,
  TRAFFIC_FEATURES,
  writeTrafficRow,
} from '@countersign/risk';
import type { Campaign, TrafficAct } from './traffic-act.ts';

/** Successes in order of time: the columns of the infrastructure head, and whose campaign each was of. */
export interface GatheredTraffic {
  x: Matrix;
  /** 1 of an attacker. */
  y: Uint8Array;
  campaign: (Campaign | undefined)[];
}

const NO_FLAGS = {
  ...{ hosting: false, vpn: false, tor: false, relay: false, bot: false, implausible: false },
};

/** @param from the first success that is described: what is usual of an address is not known before */
export function gatherTraffic(acts: readonly TrafficAct[], from = 0): GatheredTraffic {
  const counters = new InfrastructureCounters();
  const memory = { infrastructure: counters } as unknown as RealmMemory;
  const row = new Float64Array(TRAFFIC_FEATURES.length);
  const rows: number[] = [];
  const campaign: GatheredTraffic['campaign'] = [];
  let successes = 0;
  for (const act of acts) {
    const input = inputOf(act);
    if (!act.failed && successes++ >= from) {
      writeTrafficRow(input, counters, row);
      rows.push(...row);
      campaign.push(act.campaign);
    }
    const legitimate = !act.failed && act.campaign === undefined;
    countTraffic(input, undefined, memory, { infrastructure: true, calibration: legitimate });
  }
  const columns = TRAFFIC_FEATURES.length;
  return {
    x: { rows: campaign.length, columns, data: Float64Array.from(rows) },
    y: Uint8Array.from(campaign, (name) => Number(name !== undefined)),
    campaign,
  };
}

export function inputOf({ timeMs, values, subject, failed }: TrafficAct): RiskInput {
  const failure = subject < 0 ? 'unknown_account' : 'wrong_password';
  return {
    ...{ kind: 'sign_in', timeMs, population: 'customer', subjectKind: 'person' },
    ...{ outcome: failed ? 'failure' : 'success', methods: ['pwd'], values, labels: {} },
    ...{ flags: NO_FLAGS, missing: [] },
    ...(failed ? { failure } : {}),
    ...(subject < 0 ? {} : { subjectKey: String(subject + 1) }),
  };
}
