// When two operators count as two persons. Credentials are made by operators, and whoever made one may
// have kept a copy: so the lines of who made whom must have nothing in common but the first operator,
// who is a file and no person. Someone with two lines of his own must have made both with that file;
// both are on record and warned of a day before either counts (decision 0018).

import { FIRST_OPERATOR, type Operators } from '@countersign/directory';
import { type PauseLimits, pauseError } from './key-pause.ts';

export type KnownOperators = Pick<Operators, 'find' | 'makersOf'>;

/**
 * An operator who may speak for a pause at all: a person, known for a day.
 * @throws CodedError `second_person_needed`, `operator_too_new`
 */
export async function checkPerson(
  operators: KnownOperators,
  name: string,
  nowMs: number,
  { ripeAfterMs }: PauseLimits,
): Promise<void> {
  if (name === FIRST_OPERATOR) {
    throw pauseError(
      'second_person_needed',
      `A pause takes two persons, and "${FIRST_OPERATOR}" is whoever can read a file: use the credential of an operator (countersign operators add).`,
    );
  }
  const operator = await operators.find(name);
  if (operator === undefined || operator.revokedMs !== null) {
    throw pauseError('second_person_needed', `${name} is no operator any more.`);
  }
  const ripeMs = operator.createdMs + ripeAfterMs;
  if (nowMs < ripeMs) {
    throw pauseError(
      'operator_too_new',
      `The credential of ${name} is too new to decide on a pause: it counts from ${new Date(ripeMs).toISOString()}.`,
    );
  }
}

/** @throws CodedError `second_person_needed`, `operator_too_new` */
export async function checkSecondPerson(
  operators: KnownOperators,
  { proposer, approver }: { proposer: string; approver: string },
  nowMs: number,
  limits: PauseLimits,
): Promise<void> {
  if (proposer === approver) {
    throw pauseError('second_person_needed', 'Whoever proposed a pause cannot approve it.');
  }
  await checkPerson(operators, approver, nowMs, limits);
  await checkPerson(operators, proposer, nowMs, limits);
  const line = async (name: string): Promise<string[]> => [
    name,
    ...(await operators.makersOf(name)),
  ];
  const [one, other] = [await line(proposer), await line(approver)];
  const shared = one.find((name) => name !== FIRST_OPERATOR && other.includes(name));
  if (shared !== undefined) {
    throw pauseError(
      'second_person_needed',
      `${shared} made the credential of ${shared === proposer ? approver : shared === approver ? proposer : 'both'}, directly or through others: a pause takes two persons who depend on each other in nothing.`,
    );
  }
}
