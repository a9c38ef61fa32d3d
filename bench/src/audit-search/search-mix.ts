// What people ask of a log, with values that are in it: of one person, one address, one session, one key,
// of a time, of a place, of what went wrong, and for what is not there at all.

import { createHash } from 'node:crypto';

export interface MixOptions {
  events: number;
  nowMs: number;
  persons: readonly string[];
  sessions: readonly string[];
}

const DAY_MS = 86_400_000;

/** One question of each kind, with other values each time. */
export function searchMix({ events, nowMs, persons, sessions }: MixOptions): string[] {
  const below = (count: number): number => Math.floor(Math.random() * count);
  const person = (): string => persons[below(persons.length)] ?? 'nobody';
  const day = (back: number): string => new Date(nowMs - back * DAY_MS).toISOString().slice(0, 10);
  const back = below(250);
  const token = createHash('sha256')
    .update(`jti${below(events / 3)}`)
    .digest('hex');
  return [
    `person = ${person()}`,
    `person = ${person()} and time >= -7d`,
    `person = ${person()} and name = token.refused`,
    `person = ${person()} and operation = MailItemsAccessed`,
    `person = ${person()} and user_agent ~ "*Chrome/11?.*"`,
    `actor = ${person()} and class = datastore`,
    `ip = 10.${below(20)}.${below(60)}.${below(25)}`,
    `ip in 10.${below(20)}.${below(60)}.0/24 and time >= -30d`,
    `session = ${sessions[below(sessions.length)]}`,
    `kid = key-${below(events / 300_000)}-${below(4)} and status = failure`,
    'name = token.refused',
    `name = token.refused and app = app-${below(40)}`,
    'status = failure and time >= -24h',
    `severity >= low and country = NO and time in ${day(back + 7)}..${day(back)}`,
    `resource = mailbox-${below(9000)}`,
    `source = microsoft-365 and ip not in 10.0.0.0/9 and time in ${day(back)}..${day(back)}`,
    `app = app-${below(40)} and country in (SE, DK) and time < ${day(back)}`,
    'name = key.used and time >= -90d',
    `token = ${token}`,
    'person = nobody-of-this-name',
    'metadata.product.name = countersign and session.uid = x and time >= -2h',
    '"mailbox-77" and time >= -2h',
  ];
}
