// Attacker in the middle: the employee types name and password into a copy of the sign-in page, which hands
// them on to the real one. What it cannot hand on is a passkey: that is for one site only.

import { enterApp } from '../src/stage/enter-app.ts';
import type { Stage } from '../src/stage/perform.ts';
import { SoftPasskey } from '../src/stage/soft-passkey.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { type Form, type VisitedPage, Visitor } from '../src/stage/visit-pages.ts';
import { explainLast, sayWhy, takeoverOf } from './explain-act.ts';
import { MIDDLEMAN, ON_THE_ROAD } from './places.ts';
import type { House } from './stage.ts';

export async function phishEmployee(stage: Stage, house: House): Promise<Found<void>> {
  const { employee, server } = house;
  const thief = new Visitor(MIDDLEMAN);
  const entry = await enterApp(employee.app, thief, employee);
  const { realm } = employee.app;
  const explained = await explainLast(house, { realm, subject: employee.id, kind: 'sign_in' });
  claim(
    entry.how === 'asked' && explained.action === 'step_up',
    `The phished password gets the thief ${entry.how} (${explained.action}): ${sayWhy(explained)}`,
  );
  claim(explained.level !== 'low', `It scores ${explained.score}: ${sayWhy(explained)}`);
  // A passkey of the thief's own, whatever it is asked for.
  const form = stepUpFormOf(entry.page);
  const own = new SoftPasskey(server.url).get(form.passkeyOptions);
  const refused = await thief.submit(entry.page, form, { passkey: own });
  const after = await entry.finish(refused);
  claim(after.how !== 'in' && refused.status === 422, `Another passkey gets the thief in.`);
  const began = await house.ask<{ assessments: { action: string }[] }>(
    `/api/v1/risk/assessments?subject=${employee.id}&score=50`,
  );
  claim(began.assessments.length === 1, 'More was judged than the one sign-in.');
  const outcome = { stopped: true, ended: 'never began' };
  house.takeovers.push(takeoverOf('employee', explained, outcome));
  stage.note({ takeovers: house.takeovers });
  return {
    detail: `a passkey is asked for, and the thief’s own is not it: ${sayWhy(explained)}`,
    value: undefined,
  };
}

export async function passAsThePerson(house: House): Promise<Found<void>> {
  const { employee } = house;
  const person = new Visitor(ON_THE_ROAD);
  const entry = await enterApp(employee.app, person, employee);
  const { realm } = employee.app;
  const explained = await explainLast(house, { realm, subject: employee.id, kind: 'sign_in' });
  claim(
    entry.how === 'asked',
    `From abroad the employee is ${entry.how}, not asked: ${sayWhy(explained)}`,
  );
  const form = stepUpFormOf(entry.page);
  const passkey = employee.passkey.get(form.passkeyOptions);
  const passed = await entry.finish(await person.submit(entry.page, form, { passkey }));
  claim(passed.how === 'in', `The employee with a passkey is ${passed.how}.`);
  return {
    detail: `asked too (${explained.score} of 100), and in with the passkey, for ${passed.seconds} s a token; what the thief did shuts nobody out`,
    value: undefined,
  };
}

function stepUpFormOf(page: VisitedPage): Form & { passkeyOptions: string } {
  const form = page.forms.find(({ action }) => action.endsWith('/step-up'));
  if (form?.passkeyOptions === undefined) throw new Error('The page asks for no passkey.');
  return { ...form, passkeyOptions: form.passkeyOptions };
}
