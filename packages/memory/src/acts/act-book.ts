// Acts that are kept, to be explained, listed and tried against another policy.

import type { Store } from '@countersign/storage';
import { POPULATIONS, type RealmId } from '@countersign/vocabulary';
import type { MemoryTables, RiskActTable } from '../tables.ts';
import type { KeptAct } from './act.ts';
import { readAct } from './act-row.ts';

export interface ActQuery {
  /** Whose: one realm, or all of a tenant. */
  realm?: RealmId;
  tenant?: string;
  subject?: string;
  session?: string;
  /** At least this. */
  score?: number;
  sinceMs?: number;
  /** Only older ones: the sequence of the last one seen. */
  before?: number;
  /** At most 500; default 50. */
  limit?: number;
}

export interface ActBook {
  /** A judged act, by the id of its assessment. */
  find(id: string): Promise<KeptAct | undefined>;
  /** Judged acts, the newest first. */
  list(query: ActQuery): Promise<KeptAct[]>;
  /** What was settled or said about one, the oldest first. */
  about(id: string): Promise<KeptAct[]>;
  /** What was settled or said about those of a subject, the newest first; at most 500. */
  saidOf(realm: RealmId, subject: string): Promise<KeptAct[]>;
}

const MOST = 500;
const USUAL = 50;

interface Parts {
  store: Pick<Store<MemoryTables>, 'read'>;
  onTrouble?(what: string, error: unknown): void;
}

export function openActBook({ store: { read }, onTrouble }: Parts): ActBook {
  const actsOf = (rows: readonly RiskActTable[]): KeptAct[] =>
    rows.flatMap(
      (row) => readAct(row, (error) => onTrouble?.('an act could not be read', error)) ?? [],
    );
  return {
    find: async (id) => {
      const row = await read
        .selectFrom('risk_act')
        .selectAll()
        .where('id', '=', id)
        .where('kind', '=', 'judged')
        .executeTakeFirst();
      return actsOf(row === undefined ? [] : [row])[0];
    },
    list: async (query) => {
      const limit = Math.min(query.limit ?? USUAL, MOST);
      const found: KeptAct[] = [];
      // A row that cannot be read does not end a page: who pages on would take a short one for the last.
      for (let before = query.before; ; ) {
        const wanted = limit - found.length;
        const rows = await newestOf(read, { ...query, before, limit: wanted });
        found.push(...actsOf(rows));
        before = rows.at(-1)?.sequence;
        if (rows.length < wanted || found.length >= limit) return found;
      }
    },
    saidOf: async (realm, subject) => {
      const rows = read.selectFrom('risk_act').selectAll().where('realm', '=', realm);
      const said = rows.where('subject', '=', subject).where('kind', 'in', ['settled', 'feedback']);
      return actsOf(await said.orderBy('sequence', 'desc').limit(MOST).execute());
    },
    about: async (id) => {
      const rows = read.selectFrom('risk_act').selectAll().where('about', '=', id);
      return actsOf(await rows.orderBy('sequence').limit(MOST).execute());
    },
  };
}

type Reading = Pick<Store<MemoryTables>['read'], 'selectFrom'>;
type RowQuery = Omit<ActQuery, 'before' | 'limit'> & { before: number | undefined; limit: number };

/**
 * Of a tenant each realm is asked by itself: the index has the rows of one realm in order, and of many
 * none. To read and sort all acts of a tenant for each page would stop everybody else for a second.
 */
async function newestOf(read: Reading, query: RowQuery): Promise<RiskActTable[]> {
  const pages = await Promise.all(realmsOf(query).map((realm) => newestIn(read, realm, query)));
  const [only = [], ...more] = pages;
  if (more.length === 0) return only;
  return pages
    .flat()
    .sort((one, other) => other.sequence - one.sequence)
    .slice(0, query.limit);
}

function realmsOf({ realm, tenant }: RowQuery): (RealmId | undefined)[] {
  if (tenant === undefined) return [realm];
  const all = POPULATIONS.map((population): RealmId => `${tenant}/${population}`);
  return realm === undefined ? all : all.filter((one) => one === realm);
}

function newestIn(
  read: Reading,
  realm: RealmId | undefined,
  { subject, session, score, sinceMs, before, limit }: RowQuery,
): Promise<RiskActTable[]> {
  let rows = read.selectFrom('risk_act').selectAll().where('kind', '=', 'judged');
  if (realm !== undefined) rows = rows.where('realm', '=', realm);
  if (subject !== undefined) rows = rows.where('subject', '=', subject);
  if (session !== undefined) rows = rows.where('session', '=', session);
  if (score !== undefined) rows = rows.where('score', '>=', score);
  if (sinceMs !== undefined) rows = rows.where('time_ms', '>=', sinceMs);
  if (before !== undefined) rows = rows.where('sequence', '<', before);
  return rows.orderBy('sequence', 'desc').limit(limit).execute();
}
