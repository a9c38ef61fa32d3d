// What somebody says an act was. On record whatever is made of it; what follows is decided in the engine
// (`effectOf`), folded like any act, and the score that was given then stays what it was.

import type { Act, KeptAct } from '@countersign/memory';
import { effectOf, type FeedbackEffect, type FeedbackFacts } from '@countersign/risk';
import { type ActorFacts, CodedError, type CountersignEvent, newId } from '@countersign/vocabulary';
import { bearOn } from './fold-act.ts';
import { recordAlongside } from './record-alongside.ts';
import type { RiskHouse } from './risk-house.ts';

export interface Feedback extends FeedbackFacts {
  act: KeptAct;
  by: FeedbackFacts['by'];
  actor: ActorFacts;
}

/** By act, the last that is said of it: what comes at the same time comes one after the other. */
const saying = new WeakMap<object, Map<string, Promise<unknown>>>();

/** @throws CodedError `bad_request` for an act that was never judged */
export async function giveFeedback(house: RiskHouse, given: Feedback): Promise<FeedbackEffect> {
  const { id } = given.act;
  const lasts = saying.get(house.memory) ?? new Map<string, Promise<unknown>>();
  saying.set(house.memory, lasts);
  const before = lasts.get(id) ?? Promise.resolve();
  const said = before.then(() => sayIt(house, given));
  const over = said
    .catch(() => undefined)
    .then(() => {
      if (lasts.get(id) === over) lasts.delete(id);
    });
  lasts.set(id, over);
  return await said;
}

async function sayIt(house: RiskHouse, given: Feedback): Promise<FeedbackEffect> {
  const { act: about } = given;
  if (about.assessment === undefined) {
    throw new CodedError('bad_request', 'Nothing was judged there.');
  }
  // It is on record, and may not be remembered yet: what is not folded cannot be taken back.
  await house.memory.caughtUp();
  const effect = effectOf(given);
  const timeMs = house.clock.nowMs();
  const taught = await hasTaught(house, about);
  if (effect.rollsBack && taught) await rollBackTo(house, about, given.actor);
  const { realm, subject, input, aliases, assessment, client } = about;
  const act: Act = {
    ...{ id: `feedback-${newId()}`, kind: 'feedback', realm, timeMs, about: about.id },
    ...{ input, assessment, effect, word: given.verb },
    ...(aliases === undefined ? {} : { aliases }),
    ...(subject === undefined ? {} : { subject }),
    ...(client === undefined ? {} : { client }),
    // Said twice, it teaches once.
    ...(effect.teaches && !taught ? { verdict: TEACHES } : {}),
  };
  const events: CountersignEvent[] = [describe(given, effect, timeMs)];
  const memory = await house.memory.open(realm, subject);
  if (subject !== undefined) {
    const changed = house.standings.foresee(memory.standing, {
      ...{ realm, subject, subjectKind: input.subjectKind, timeMs, reason: 'feedback' },
      gotIn: effect.endsSessions,
      apply: (standing) => bearOn(standing, act),
    });
    if (changed !== undefined) events.push(changed);
    // Sign-ins end even when the level was as high before: they are not what they seemed.
    else if (effect.endsSessions) events.push(again(about, subject, timeMs));
  }
  await house.memory.write([act], (tx) => recordAlongside(house.audit, events, tx));
  if (subject !== undefined) {
    house.standings.look(realm, subject, memory.standing, input.subjectKind);
    house.onChanged();
  }
  return effect;
}

/** This person, and nobody else: an address that is safe for one is none for everybody. */
const TEACHES = Object.freeze({
  ...{ profile: true, counts: false, calibration: true, infrastructure: false, weight: 1 },
});

function describe(
  { act, verb, actor }: Feedback,
  { believed, why }: FeedbackEffect,
  timeMs: number,
): CountersignEvent {
  const { realm, subject, client } = act;
  return {
    name: 'risk.feedback',
    ...{ timeMs, realm, actor, operation: verb },
    ...(subject === undefined ? {} : { subject }),
    ...(client === undefined ? {} : { clientId: client }),
    item: { kind: 'assessment', id: act.id },
    ...(verb === 'confirm_compromised' || verb === 'was_not_me' ? { severity: 'high' } : {}),
    extra: believed ? { believed } : { believed, ignored: why ?? 'not_believed' },
  };
}

function again({ realm, input }: KeptAct, subject: string, timeMs: number): CountersignEvent {
  return {
    name: 'risk.changed',
    ...{ timeMs, realm, subject, reason: 'feedback', severity: 'high' },
    item: { kind: input.subjectKind, id: subject },
    risk: { score: 100, level: 'high' },
    extra: { before: 'high', gotIn: true },
  };
}

/** What was kept out has taught nothing, and what was taken back teaches no more. */
async function hasTaught({ memory }: RiskHouse, { id, verdict }: KeptAct): Promise<boolean> {
  let taught = verdict?.profile === true;
  for (const since of await memory.acts.about(id)) {
    if (since.effect?.rollsBack === true) taught = false;
    if (since.verdict?.profile === true) taught = true;
  }
  return taught;
}

/** What the act and those after it taught is taken back; nothing is done where nothing is kept from before. */
async function rollBackTo(house: RiskHouse, about: KeptAct, actor: ActorFacts): Promise<void> {
  const { realm, subject, timeMs } = about;
  if (subject === undefined) return;
  const event: CountersignEvent = {
    name: 'risk.rolled_back',
    ...{ timeMs: house.clock.nowMs(), realm, subject, actor },
    extra: { toMs: timeMs, profiles: 1 },
  };
  try {
    await house.memory.people.rollBack(realm, subject, timeMs, (tx) =>
      recordAlongside(house.audit, [event], tx),
    );
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'no_snapshot') throw error;
    house.log.warn(
      { realm, subject },
      'no snapshot from before the act is kept: nothing is set back',
    );
  }
}
