// Who is at risk: what is written, and over it what is not written yet. Scores decay, so they are told
// as of now.

import type { RealmId } from '@countersign/vocabulary';
import type { Keeping } from '../held/keeping.ts';
import { decodeSubject } from '../held/load-parts.ts';
import type { MemoryOptions } from '../memory-options.ts';

export interface StandingOf<S = unknown> {
  realm: RealmId;
  subject: string;
  score: number;
  level: string;
  standing: S;
}

export interface Standings<S = unknown> {
  /** Of a tenant or of all, the highest first; those without any risk are left out. */
  list(tenant: string | undefined, limit?: number): Promise<StandingOf<S>[]>;
}

interface Parts<I, C, D, S> {
  options: MemoryOptions<I, C, D, S>;
  keeping: Keeping<I, C, D, S>;
}

const USUAL = 500;

export function openStandings<I, C, D, S>({ options, keeping }: Parts<I, C, D, S>): Standings<S> {
  const { store, shapes, clock } = options;
  const describe = (realm: RealmId, subject: string, standing: S): StandingOf<S> => ({
    ...{ realm, subject, standing },
    ...shapes.describeStanding(standing, clock.nowMs()),
  });
  return {
    list: async (tenant, limit = USUAL) => {
      const found = new Map<string, StandingOf<S>>();
      let query = store.read
        .selectFrom('risk_profile')
        .select(['realm', 'subject', 'profile', 'standing'])
        .where('standing_score', '>', 0);
      if (tenant !== undefined) {
        query = query.where('realm', '>', `${tenant}/`).where('realm', '<', `${tenant}0`);
      }
      for (const row of await query.orderBy('standing_score', 'desc').limit(limit).execute()) {
        const realm = row.realm as RealmId;
        const { standing } = decodeSubject(options, realm, row);
        found.set(`${realm}\0${row.subject}`, describe(realm, row.subject, standing));
      }
      for (const [key, { standing }] of keeping.subjects.unkept()) {
        const [realm = '', subject = ''] = key.split('\0');
        if (tenant !== undefined && !realm.startsWith(`${tenant}/`)) continue;
        found.set(key, describe(realm as RealmId, subject, standing));
      }
      return [...found.values()]
        .filter(({ score }) => score > 0)
        .sort((one, other) => other.score - one.score)
        .slice(0, limit);
    },
  };
}
