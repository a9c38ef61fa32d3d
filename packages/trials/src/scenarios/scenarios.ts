// Attacks of their own kind, made up step by step: what was before, the act that is the attack, and an honest
// act that looks most like it. Each names the detections of which one has to fire.

import type { RiskInput } from '@countersign/risk';
import type { Dice } from '../generator/dice.ts';
import { act, DAY, drawPlace, failures, HOUR, MINUTE, NOW_MS, threeWeeks } from './scenario-act.ts';

export interface Scenario {
  name: string;
  what: string;
  /** Codes, of which one has to fire on the attack and none on the honest act. */
  expected: readonly string[];
  stage(dice: Dice): { before: RiskInput[]; attack: RiskInput; honest: RiskInput };
}

const machine = { subjectKind: 'workload', kind: 'token', methods: ['private_key_jwt'] } as const;
const agent = { ...machine, subjectKind: 'agent' } as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'impossible travel',
    what: 'Norway an hour ago, Brazil now; honest is Sweden',
    expected: ['unlikely_travel'],
    stage: (dice) => {
      const home = drawPlace(dice, 'NO');
      const before = [...threeWeeks(home), act(home, { timeMs: NOW_MS - HOUR })];
      return {
        before,
        attack: act(drawPlace(dice, 'BR')),
        honest: act({ ...home, ...abroad(dice, 'SE') }),
      };
    },
  },
  {
    name: 'password spray',
    what: 'one password on 40 people from one network, then right; honest is a colleague at home',
    expected: ['password_spray'],
    stage: (dice) => {
      const [home, thief] = [drawPlace(dice, 'NO'), drawPlace(dice, 'NO')];
      const before = [...threeWeeks(home), ...failures(thief, 40, true)];
      return { before, attack: act(thief), honest: act(home) };
    },
  },
  {
    name: 'credential stuffing',
    what: 'a list of stolen pairs, 60 names that nobody has, then one that is right',
    expected: ['credential_stuffing'],
    stage: (dice) => {
      const [home, thief] = [drawPlace(dice, 'NO'), drawPlace(dice, 'NO')];
      const before = [...threeWeeks(home), ...failures(thief, 60, false)];
      return { before, attack: act(thief), honest: act(home) };
    },
  },
  {
    name: 'MFA fatigue',
    what: 'five prompts denied within the hour, the sixth given; honest is one that timed out',
    expected: ['mfa_fatigue'],
    stage: (dice) => {
      const home = drawPlace(dice, 'NO');
      return {
        before: threeWeeks(home),
        attack: act(home, { factorDenials: 5, methods: ['pwd', 'otp'] }),
        honest: act(home, { factorDenials: 1, methods: ['pwd', 'otp'] }),
      };
    },
  },
  {
    name: 'attacker in the middle',
    what: 'password and one-time code, both right, out of a data centre with a foreign TLS stack; honest has a passkey',
    expected: ['attacker_in_the_middle'],
    stage: (dice) => {
      const home = drawPlace(dice, 'NO');
      const through = { ...home, ...abroad(dice, 'NO'), ja4: 1 + dice.below(2 ** 30) };
      const flags = { hosting: true };
      return {
        before: threeWeeks(home),
        attack: act(through, { methods: ['pwd', 'otp'], flags }),
        honest: act(through, { methods: ['hwk', 'user'], flags }),
      };
    },
  },
  {
    name: 'cookie replay',
    what: 'a session goes on from another operator with another browser and TLS stack; honest is a phone that moves',
    expected: ['anomalous_token'],
    stage: (dice) => {
      const home = drawPlace(dice, 'NO');
      const session = { startedMs: NOW_MS - HOUR, values: act(home).values };
      return {
        before: threeWeeks(home),
        attack: act(drawPlace(dice, 'NO'), { kind: 'refresh', session }),
        honest: act({ ...home, ...abroad(dice, 'NO') }, { kind: 'refresh', session }),
      };
    },
  },
  {
    name: 'token replay',
    what: 'one token used in two countries within two minutes; honest is used again in the same one',
    expected: ['token_replay'],
    stage: (dice) => {
      const [home, token] = [drawPlace(dice, 'NO'), { kind: 'use', tokenKey: 77 } as const];
      const before = [...threeWeeks(home), act(home, { ...token, timeMs: NOW_MS - 2 * MINUTE })];
      return { before, attack: act(drawPlace(dice, 'US'), token), honest: act(home, token) };
    },
  },
  {
    name: 'issuer anomaly',
    what: 'a verifier reports a token whose issuer or lineage does not fit',
    expected: ['token_issuer_anomaly'],
    stage: (dice) => {
      const home = drawPlace(dice, 'NO');
      return {
        before: threeWeeks(home),
        attack: act(home, { kind: 'use', issuerOdd: true }),
        honest: act(home, { kind: 'use' }),
      };
    },
  },
  {
    name: 'dormant account',
    what: 'nobody for 200 days, then somebody from elsewhere; honest wakes up at home',
    expected: ['dormant_account'],
    stage: (dice) => {
      const home = drawPlace(dice, 'NO');
      return {
        before: threeWeeks(home, {}, NOW_MS - 200 * DAY),
        attack: act(drawPlace(dice, 'NO')),
        honest: act(home),
      };
    },
  },
  {
    name: 'workload leaves its data centre',
    what: 'a stolen client secret is used from a home; honest is another address of the same operator',
    expected: ['hosting_change', 'machine_new_network'],
    stage: (dice) => {
      const home = drawPlace(dice, 'DE');
      const flags = { hosting: true };
      return {
        before: threeWeeks(home, { ...machine, flags }),
        attack: act(drawPlace(dice, 'DE'), machine),
        honest: act({ ...home, ip: 1 + dice.below(2 ** 30) }, { ...machine, flags }),
      };
    },
  },
  {
    name: 'agent spike',
    what: 'an agent that asks for two tokens an hour asks for 300; honest asks for three',
    expected: ['sign_in_spike'],
    stage: (dice) => {
      const home = drawPlace(dice, 'NO');
      const hourly = Array.from({ length: 96 }, (_, at) =>
        act(home, { ...agent, timeMs: NOW_MS - (96 - at) * (HOUR / 2) }),
      );
      const burst = Array.from({ length: 300 }, (_, at) =>
        act(home, { ...agent, timeMs: NOW_MS + at * 1000 }),
      );
      const honest = act(home, { ...agent, timeMs: NOW_MS - MINUTE });
      const attack = act(home, { ...agent, timeMs: NOW_MS + 5 * MINUTE + 1000 });
      return { before: [...hourly, honest, ...burst], attack, honest };
    },
  },
];

/** Another address, network, operator and country, with the same browser. */
function abroad(dice: Dice, country: string): ReturnType<typeof drawPlace> {
  const { ip, net, asn, country: there } = drawPlace(dice, country);
  return { ip: ip!, net: net!, asn: asn!, country: there! };
}
