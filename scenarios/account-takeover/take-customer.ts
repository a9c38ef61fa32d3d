// Credential stuffing: names and passwords from other people's breaches are tried here, from a few
// addresses of one network. Nearly all of them mean nothing; one is the customer's.

import { enterApp } from '../src/stage/enter-app.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { Visitor } from '../src/stage/visit-pages.ts';
import { explainLast, sayWhy, takeoverOf } from './explain-act.ts';
import { STUFFER } from './places.ts';
import type { House } from './stage.ts';

/** Of a list of millions. */
const STOLEN_PAIRS = 22;

export async function stuffCustomer(stage: Stage, house: House): Promise<Found<void>> {
  const { customer } = house;
  const tries = Array.from({ length: STOLEN_PAIRS }, async (_, at) => {
    const place = STUFFER[at % STUFFER.length] ?? STUFFER[0];
    if (place === undefined) return;
    const pair = { username: `reader${at}@news.example`, password: `summer-${at}` };
    const tried = await enterApp(customer.app, new Visitor(place), pair);
    claim(tried.how === 'denied', 'A name that nobody has was let in.');
  });
  await Promise.all(tries);
  const [place] = STUFFER;
  claim(place !== undefined, 'Nobody is there.');
  const entry = await enterApp(customer.app, new Visitor(place), customer);
  const { realm } = customer.app;
  const explained = await explainLast(house, { realm, subject: customer.id, kind: 'sign_in' });
  claim(explained.level === 'high', `It scores ${explained.score}: ${sayWhy(explained)}`);
  claim(
    explained.detections.some(({ code }) => code === 'credential_stuffing'),
    `It is not seen as stuffing: ${sayWhy(explained)}`,
  );
  claim(
    explained.action === 'deny' && entry.how === 'denied' && entry.status === 403,
    `The right password gets the thief ${entry.how}; the policy said ${explained.action}.`,
  );
  const outcome = { stopped: true, ended: 'never began' };
  house.takeovers.push(takeoverOf('customer', explained, outcome));
  stage.note({ takeovers: house.takeovers });
  return {
    detail: `after ${STOLEN_PAIRS} names that nobody has, the right password is denied: ${sayWhy(explained)}`,
    value: undefined,
  };
}
