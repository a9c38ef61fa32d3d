// What people say afterwards, and what that changes: a customer who was asleep, a team that knows the
// machine. And a policy that is tried before it is put in force.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operator } from '../src/stage/operator.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { formWith, Visitor } from '../src/stage/visit-pages.ts';
import { callAsMachine } from './call-as-machine.ts';
import { explainLast } from './explain-act.ts';
import { AT_HOME, DATA_CENTRE } from './places.ts';
import type { House, Person } from './stage.ts';

const ENDED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

export async function answerForIt(_stage: Stage, house: House): Promise<Found<void>> {
  const { customer, machine, operator, type } = house;
  const act = { realm: customer.app.realm, subject: customer.id, kind: 'sign_in' };
  const odd = await explainLast(house, act);
  const sessions = await endedOf(operator, customer.id);
  await sayNotMe(customer, odd.id);
  const ended = await awaitEnd(house, customer.id, sessions);
  const { assessments } = await house.ask<{ assessments: { id: string; score: number }[] }>(
    `/api/v1/risk/assessments?subject=${machine.clientId}&score=50`,
  );
  const [theft] = assessments.slice(-1);
  claim(theft !== undefined, 'The theft of the machine’s secret is not among what was odd.');
  await house.ask('/api/v1/risk/feedback', {
    ...{ assessment: theft.id, verb: 'confirm_compromised' },
  });
  const after = await callAsMachine(machine, DATA_CENTRE);
  claim('error' in after, 'A machine that is compromised still gets tokens.');
  const filter =
    'name in (risk.assessed, risk.detected, risk.changed, risk.feedback, session.refused, session.ended)';
  const { exitCode, json } = await type('audit', 'count', filter, '--by', 'name');
  claim(exitCode === 0, `Counting ended with ${exitCode}: ${JSON.stringify(json)}`);
  const groups = json['groups'] as { key: string[]; count: number }[];
  const counts = new Map(groups.map(({ key, count }) => [key[0] ?? '', count]));
  for (const name of ['risk.assessed', 'risk.detected', 'risk.changed', 'risk.feedback']) {
    claim((counts.get(name) ?? 0) > 0, `The tenant’s log has no ${name}.`);
  }
  const said = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
  return {
    detail: `on the page of their account the customer presses “This wasn’t me”, and ${ended} sessions of the customer end; the machine gets no token from anywhere until the team clears it; in the tenant’s own log: ${said}`,
    value: undefined,
  };
}

/** On the page of their own account, signed in at home. */
async function sayNotMe(customer: Person, assessment: string): Promise<void> {
  const visitor = new Visitor(AT_HOME);
  const first = await visitor.open(`${customer.app.issuer}/account`);
  const { username, password } = customer;
  const page = await visitor.submit(first, formWith(first, 'username'), { username, password });
  const form = page.forms.find(({ fields }) => fields['assessment'] === assessment);
  claim(form !== undefined, 'The page does not show the customer what was denied.');
  const answered = await visitor.submit(page, form, { answer: 'not_me' });
  claim(answered.status === 200, `The answer gets ${answered.status}.`);
}

async function endedOf(operator: Operator, subject: string): Promise<number> {
  const ended = await operator.events('session.ended');
  return ended.filter((event) => JSON.stringify(event).includes(subject)).length;
}

/** @returns how many sessions ended since there were so many */
async function awaitEnd({ operator }: House, subject: string, before: number): Promise<number> {
  const deadlineMs = performance.now() + ENDED_WITHIN_MS;
  for (;;) {
    const more = (await endedOf(operator, subject)) - before;
    if (more > 0) return more;
    claim(performance.now() < deadlineMs, 'No session of the customer ends.');
    await sleep(LOOK_EVERY_MS);
  }
}

const STERNER = {
  version: 1,
  name: 'sterner',
  rules: [
    {
      name: 'nobody at medium without a passkey',
      when: { level: 'medium' },
      action: 'step_up',
      withoutFactor: 'deny',
    },
  ],
};

interface Simulated {
  acts: number;
  total: { allow: number; step_up: number; deny: number };
  people: { seen: number; neverIn: number };
  compared: { stricter: number; milder: number; same: number };
}

export async function trySternerPolicy({ desk, type }: House): Promise<Found<void>> {
  writeFileSync(join(desk, 'sterner.json'), JSON.stringify(STERNER));
  const { exitCode, json, complaint } = await type(
    ...['risk', 'simulate-policy', '--policy', 'sterner.json'],
  );
  claim(
    exitCode === 0 || exitCode === 1,
    `Trying the policy ended with ${exitCode}: ${complaint}${JSON.stringify(json)}`,
  );
  const { acts, total, people, compared } = json['simulation'] as unknown as Simulated;
  claim(acts > 0, 'Nothing was tried.');
  claim(people.neverIn === 0, `${people.neverIn} would never have got in.`);
  claim(compared.stricter > 0, 'It would have been no sterner.');
  return {
    detail: `of ${acts} acts it would have asked ${total.step_up} and denied ${total.deny}: ${compared.stricter} more strictly than was done; of ${people.seen} people and machines nobody would never have got in. Nothing was changed by asking`,
    value: undefined,
  };
}
