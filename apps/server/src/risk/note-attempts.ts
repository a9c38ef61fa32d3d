// What is told and not asked: attempts that failed, and what became of a step-up. A failure teaches what
// an attack looks like around it; a step-up that was passed teaches what its sign-in looked like.

import type { Act } from '@countersign/memory';
import type { SettledAttempt } from '@countersign/provider';
import { detect, teachingVerdict } from '@countersign/risk';
import { type Attempt, isCodedError } from '@countersign/vocabulary';
import { bearOn } from './fold-act.ts';
import { isCompromised } from './judge-attempts.ts';
import { recordAlongside } from './record-alongside.ts';
import type { RiskHouse } from './risk-house.ts';
import { type SeenAttempt, seeAttempt } from './see-attempt.ts';

export async function noteAttempt(
  house: RiskHouse,
  attempt: Attempt,
  settled: SettledAttempt | undefined,
): Promise<void> {
  if (attempt.outcome === 'failure') await noteFailure(house, attempt);
  if (settled !== undefined) await settle(house, attempt, settled);
}

const TRAFFIC_ONLY = Object.freeze({
  ...{ profile: false, counts: false, calibration: false, infrastructure: true, weight: 1 },
});

async function noteFailure(house: RiskHouse, attempt: Attempt): Promise<void> {
  const { input, aliases } = await seeAttempt(house, attempt);
  const { id, realm, subject, clientId, timeMs } = attempt;
  await writeOnce(house, {
    ...{ id: `failed-${id}`, kind: 'failed', realm, timeMs, input, verdict: TRAFFIC_ONLY },
    ...(aliases.some((alias) => alias !== 0) ? { aliases } : {}),
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined ? {} : { client: clientId }),
  });
}

async function settle(
  house: RiskHouse,
  attempt: Attempt,
  { assessment: about, outcome }: SettledAttempt,
): Promise<void> {
  const first = await house.memory.acts.find(about);
  // Nobody settles for another: what is said must be of the same person.
  if (first?.assessment === undefined || first.subject !== attempt.subject) return;
  const { realm, subject, client, input, aliases, assessment, action = 'step_up' } = first;
  const proof = await seeAttempt(house, attempt);
  const { profile, standing } = proof.memory;
  const facts = { input, assessment, action, settled: outcome };
  const verdict = teachingVerdict(
    { ...facts, factorInDoubt: isInDoubt(proof), compromised: isCompromised(standing) },
    profile,
  );
  const act: Act = {
    ...{ id: `settled-${about}`, kind: 'settled', realm, timeMs: attempt.timeMs, about },
    ...{ input, assessment, word: outcome },
    ...(aliases === undefined ? {} : { aliases }),
    ...(subject === undefined ? {} : { subject }),
    ...(client === undefined ? {} : { client }),
    // It was counted as traffic when it was judged.
    verdict: { ...verdict, infrastructure: false },
  };
  if (subject === undefined) return writeOnce(house, act);
  const { subjectKind } = input;
  const changed = house.standings.foresee(standing, {
    ...{ realm, subject, subjectKind, timeMs: attempt.timeMs, reason: 'settled', gotIn: false },
    apply: (after) => bearOn(after, act),
  });
  await writeOnce(house, act, changed === undefined ? [] : [changed]);
  house.standings.look(realm, subject, standing, subjectKind);
}

/** Whose factor is younger than the doubt may be the thief. */
function isInDoubt({ input, memory }: SeenAttempt): boolean {
  return detect(input, memory).some(({ code }) => code === 'factor_in_doubt');
}

/** Told twice, it is one: the first counts. */
async function writeOnce(
  { memory, audit }: RiskHouse,
  act: Act,
  events: Parameters<RiskHouse['audit']['record']>[0] = [],
): Promise<void> {
  try {
    await memory.write([act], async (tx) =>
      events.length === 0 ? undefined : recordAlongside(audit, events, tx),
    );
  } catch (error) {
    if (!isCodedError(error) || error.code !== 'storage_conflict') throw error;
  }
}
