// One token id that the issuer's own log gives to two: whoever chooses ids may choose one that is there.

import type { Issue } from '../issues/issue.ts';
import type { Verdict } from './judgement.ts';
import { personsAgree } from './persons.ts';

/** Several rows of one sign-in are no contradiction; two persons or two clients are. */
export function contradictionOf(issue: Issue, known: readonly Issue[]): Verdict | undefined {
  for (const other of known) {
    const persons = personsAgree(issue.persons, other.persons) === false;
    const clients =
      issue.client !== undefined && other.client !== undefined && issue.client !== other.client;
    if (!persons && !clients) continue;
    const what = persons
      ? `to ${other.persons.join(', ')} and to ${issue.persons.join(', ')}`
      : `to client ${other.client} and to client ${issue.client}`;
    return {
      ...{ class: 'reused_id', confidence: 'high' },
      reason: `The issuer’s log has the same token id issued ${what} (${other.at}, ${issue.at}).`,
    };
  }
  return undefined;
}
