// What is done where nobody has said what to do. People are asked for the factor they have; nobody is
// shut out for the want of one until the risk is high. A machine cannot be asked anything.

import type { RiskPolicy } from './risk-policy.ts';

const PEOPLE = ['person'] as const;
const MACHINES = ['device', 'workload', 'agent'] as const;
const SHORT = { accessTokenSeconds: 300 } as const;
const SHORTEST = { accessTokenSeconds: 120 } as const;

export const defaultPolicy: RiskPolicy = Object.freeze<RiskPolicy>({
  version: 1,
  name: 'default',
  rules: [
    {
      name: 'people at medium prove a passkey, if they have one',
      subjects: PEOPLE,
      when: { level: 'medium' },
      action: 'step_up',
      withoutFactor: 'allow',
      limit: SHORT,
      notify: true,
    },
    {
      name: 'people at high prove a passkey or stay out',
      subjects: PEOPLE,
      when: { level: 'high' },
      action: 'step_up',
      withoutFactor: 'deny',
      limit: SHORTEST,
      notify: true,
    },
    {
      name: 'machines at medium get short tokens',
      subjects: MACHINES,
      when: { level: 'medium' },
      action: 'allow',
      limit: SHORTEST,
      notify: true,
    },
    {
      name: 'machines at high get none',
      subjects: MACHINES,
      when: { level: 'high' },
      action: 'deny',
      notify: true,
    },
  ],
});
