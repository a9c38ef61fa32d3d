// What is asked about: a token, a session, a key, an app, a person or an address, and which records speak
// of it. Ids are matched with and without what they are (`uti:`), in exact case.

import { isIP, SocketAddress } from 'node:net';
import type { Activity } from '../activity.ts';

export const QUESTION_KINDS = ['token', 'session', 'key', 'app', 'person', 'ip'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

export interface Question {
  kind: QuestionKind;
  value: string;
}

/** Whether the record itself names what is asked about; an address as `spellAddress` spells it. */
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

/** As records are kept: an address may be written in many ways. Itself when it is none. */
export function spellAddress(value: string): string {
  const text = value.trim().replace(/^\[(.*)\](?::\d+)?$/, '$1');
  const plain = text
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
    .replace(/^(\d[\d.]*):\d+$/, '$1');
  if (isIP(plain) !== 6 || plain.includes('%')) return plain;
  return new SocketAddress({ address: plain, family: 'ipv6' }).address;
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
