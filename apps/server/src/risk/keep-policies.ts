// What each tenant wants done about risk: its own policy, else the house's, else the default. Held in
// memory, because it is asked at every sign-in; a change counts from the moment it is on record.

import { DETECTOR_CODES, defaultPolicy, parsePolicy, type RiskPolicy } from '@countersign/risk';
import type { ActorFacts, Clock, CountersignEvent } from '@countersign/vocabulary';
import { recordAlongside } from './record-alongside.ts';
import type { RiskHouse } from './risk-house.ts';

export interface PolicyInForce {
  policy: RiskPolicy;
  /** `tenant`: its own. `house`: from the settings. `default`: nobody said anything. */
  from: 'tenant' | 'house' | 'default';
  changedMs?: number;
  changedBy?: string;
}

export interface Policies {
  of(tenant: string): PolicyInForce;
  /** @throws RiskError `bad_policy` naming the first member that is wrong */
  put(tenant: string, given: unknown, by: ActorFacts): Promise<PolicyInForce>;
  /** Resolves when every policy whose writing has begun is in force, or was not written. */
  caughtUp(): Promise<void>;
}

interface Parts {
  memory: Pick<RiskHouse['memory'], 'policies'>;
  audit: RiskHouse['audit'];
  clock: Clock;
  log: RiskHouse['log'];
  /** From the settings. */
  house?: RiskPolicy | undefined;
}

export async function keepPolicies({ memory, audit, clock, log, house }: Parts): Promise<Policies> {
  const own = new Map<string, PolicyInForce>();
  for (const { tenant, body, changedMs, changedBy } of await memory.policies.list()) {
    try {
      const policy = parsePolicy(JSON.parse(body));
      own.set(tenant, { policy, from: 'tenant', changedMs, changedBy });
    } catch (err) {
      log.error({ err, tenant }, 'the risk policy of a tenant cannot be read: the default is used');
    }
  }
  const usual: PolicyInForce =
    house === undefined
      ? { policy: defaultPolicy, from: 'default' }
      : { policy: house, from: 'house' };
  const of = (tenant: string) => own.get(tenant) ?? usual;
  const putOne = async (tenant: string, policy: RiskPolicy, by: ActorFacts) => {
    const event: CountersignEvent = {
      name: 'policy.changed',
      ...{ timeMs: clock.nowMs(), tenant, actor: by },
      item: { kind: 'risk', id: tenant, name: policy.name },
      operation: own.has(tenant) ? 'changed' : 'created',
      change: { before: summaryOf(of(tenant).policy), after: summaryOf(policy) },
    };
    const kept = { tenant, body: JSON.stringify(policy), changedBy: `${by.kind} ${by.id}` };
    await memory.policies.put(kept, (tx) => recordAlongside(audit, [event], tx));
    const inForce: PolicyInForce = {
      ...{ policy, from: 'tenant', changedMs: event.timeMs, changedBy: kept.changedBy },
    };
    own.set(tenant, inForce);
    return inForce;
  };
  // One after the other: in force is what was written last, and the record says what it replaced.
  let last: Promise<unknown> = Promise.resolve();
  return {
    of,
    put: async (tenant, given, by) => {
      const policy = parsePolicy(given, { detections: DETECTOR_CODES });
      const putting = last.then(() => putOne(tenant, policy, by));
      last = putting.catch(() => undefined);
      return putting;
    },
    caughtUp: async () => {
      await last;
    },
  };
}

const MOST_NAMES = 40;

function summaryOf({ name, rules }: RiskPolicy) {
  const shown = rules
    .slice(0, MOST_NAMES)
    .map((rule) => `${rule.name.slice(0, 60)}: ${rule.action}`);
  return { name, rules: rules.length, actions: shown.join('; ') };
}
