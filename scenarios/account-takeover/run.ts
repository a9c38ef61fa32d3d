// Four accounts taken over in four ways: scored, explained, stopped by policy, ended. See README.md for the
// history and for what is simplified.

import { perform } from '../src/stage/perform.ts';
import { answerForIt, trySternerPolicy } from './answer-for-it.ts';
import { liveAsUsual } from './live-as-usual.ts';
import { setTheStage } from './stage.ts';
import { stuffCustomer } from './take-customer.ts';
import { passAsThePerson, phishEmployee } from './take-employee.ts';
import { useElsewhere } from './take-machine.ts';
import { refreshElsewhere, stealSession } from './take-partner.ts';

await perform('account-takeover', async (stage) => {
  const house = await stage.step('A tenant with default settings', () => setTheStage(stage));
  const usual = await stage.step(
    'Some ordinary days, in a hurry: the house learns who is who',
    () => liveAsUsual(stage, house),
  );
  await stage.step('A customer: a list of stolen passwords is tried, and one is right', () =>
    stuffCustomer(stage, house),
  );
  await stage.step('An employee: the password is phished, and used through a page in between', () =>
    phishEmployee(stage, house),
  );
  await stage.step('The same employee signs in from a hotel, with a passkey', () =>
    passAsThePerson(house),
  );
  await stage.step(
    'A partner: the token of a session is stolen, and used on another continent',
    () => stealSession(stage, house, usual),
  );
  await stage.step('What the thief has of that session is worth nothing any more', () =>
    refreshElsewhere(house, usual),
  );
  await stage.step('A machine: its secret is used from outside its data centre', () =>
    useElsewhere(stage, house),
  );
  await stage.step(
    'The customer says that it was somebody else; the team confirms the machine',
    () => answerForIt(stage, house),
  );
  await stage.step('What would a sterner policy have done about all of this?', () =>
    trySternerPolicy(house),
  );
});
