// What is asked about: a token, a session, a key, an app, a person or an address, and which records speak
// of it. Ids are matched with and without what they are (`uti:`), in exact case.

import type { Activity } from '../activity.ts';

export const QUESTION_KINDS = ['token', 'session', 'key', 'app', 'person', 'ip'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

export interface Question {
  kind: QuestionKind;
  value: string;
}

/** Whether the record itself names what is asked about. */
export function namesIt({ kind, value }: Question, { facts, kid }: Activity): boolean {
  switch (kind) {
    case 'token':
      return holds(facts.tokens, value);
    case 'session':
      return holds(facts.sessions, value);
    case 'key':
      return kid === value || holds(facts.tokens?.filter(isKey), value);
    case 'app':
      return facts.client === value || facts.app === value || folded(facts, value);
    case 'person':
      return holds(facts.persons, value) || holds(facts.persons, value.toLowerCase());
    case 'ip':
      return facts.ip === value;
  }
}

function folded({ client, app }: Activity['facts'], value: string): boolean {
  const wanted = value.toLowerCase();
  return client?.toLowerCase() === wanted || app?.toLowerCase() === wanted;
}

function holds(ids: readonly string[] | undefined, value: string): boolean {
  return (ids ?? []).some((id) => id === value || id.slice(id.indexOf(':') + 1) === value);
}

function isKey(id: string): boolean {
  return id.startsWith('key:');
}
