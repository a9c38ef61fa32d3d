// Exactly one thing is asked about.

import { QUESTION_KINDS, type Question, type QuestionKind } from '@countersign/matching';
import { cliError } from '../../cli-error.ts';

export type QuestionOptions = Partial<Record<QuestionKind, string>>;

const LONGEST_VALUE = 512;

/** @throws CodedError `wrong_use` */
export function questionOf(options: QuestionOptions): Question {
  const asked = QUESTION_KINDS.filter((kind) => options[kind] !== undefined);
  const [kind] = asked;
  const value = kind === undefined ? undefined : options[kind];
  if (kind === undefined || value === undefined || asked.length > 1)
    throw cliError(
      'wrong_use',
      `Ask about exactly one of ${QUESTION_KINDS.map((each) => `--${each}`).join(', ')}.`,
    );
  if (value === '' || value.length > LONGEST_VALUE)
    throw cliError('wrong_use', `--${kind} needs an id of at most ${LONGEST_VALUE} characters.`);
  return { kind, value };
}
