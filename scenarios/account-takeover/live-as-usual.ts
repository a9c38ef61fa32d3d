// Some history: real sign-ins through the house's own pages, one after the other. What the house learns
// from it, it learns as from anybody.

import { addPasskey, enterApp, type Tokens } from '../src/stage/enter-app.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { type Place, Visitor } from '../src/stage/visit-pages.ts';
import { callAsMachine } from './call-as-machine.ts';
import { AT_HOME, AT_WORK, DATA_CENTRE, PARTNER_OFFICE } from './places.ts';
import type { House, Person } from './stage.ts';

/** From ten on, a detector believes that it knows somebody. */
const DAYS = 11;

export interface UsualDays {
  /** The partner's last session, and where it is. */
  partner: { tokens: Tokens; visitor: Visitor };
}

export async function liveAsUsual(_stage: Stage, house: House): Promise<Found<UsualDays>> {
  const { customer, employee, partner, machine } = house;
  const [, , session] = await Promise.all([
    live(customer, AT_HOME),
    live(employee, AT_WORK).then(({ visitor }) =>
      addPasskey(employee.app, visitor, (options) => employee.passkey.create(options), employee),
    ),
    live(partner, PARTNER_OFFICE),
    run(),
  ]);
  async function run(): Promise<void> {
    for (let day = 0; day < DAYS; day += 1) {
      const answer = await callAsMachine(machine, DATA_CENTRE);
      claim('seconds' in answer, `The machine gets no token: ${JSON.stringify(answer)}`);
    }
  }
  const [lookedAt, enrolled] = await Promise.all([
    house.ask<{ assessments: { action: string }[] }>('/api/v1/risk/assessments?limit=100'),
    house.ask<{ passkeys: object[] }>(`/api/v1/people/acme/workforce/${employee.id}/passkeys`),
  ]);
  const { assessments } = lookedAt;
  claim(enrolled.passkeys.length === 1, 'The employee has no passkey.');
  claim(assessments.length >= 4 * DAYS, `Only ${assessments.length} acts were judged.`);
  const stopped = assessments.filter(({ action }) => action !== 'allow').length;
  claim(stopped === 0, `${stopped} ordinary acts were not let through.`);
  return {
    detail: `${assessments.length} sign-ins and tokens, each judged before it was answered; nobody was asked for anything; the employee added a passkey`,
    value: { partner: session },
  };
}

async function live(person: Person, place: Place): Promise<{ tokens: Tokens; visitor: Visitor }> {
  for (let day = 1; ; day += 1) {
    const visitor = new Visitor(place);
    const entry = await enterApp(person.app, visitor, person);
    claim(entry.how === 'in', `${person.username} is not let in at home: ${entry.how}.`);
    if (day === DAYS) return { tokens: entry.tokens, visitor };
  }
}
