// Scores decay, and a row keeps the one of when it was written: who did nothing since stands there as high
// as ever, before those who are at risk now. Daily they are written anew, a page a transaction.

import { sql } from 'kysely';
import type { MemoryOptions } from '../memory-options.ts';

const PAGE = 500;

interface Row {
  realm: string;
  subject: string;
  standing: Uint8Array | null;
  standing_score: number;
  changed_ms: number;
}

type Parts<I, C, D, S> = Pick<MemoryOptions<I, C, D, S>, 'store' | 'shapes' | 'clock'>;

export async function renewStandings<I, C, D, S>({
  store,
  shapes,
  clock,
}: Parts<I, C, D, S>): Promise<void> {
  const nowMs = clock.nowMs();
  const describe = ({ standing }: Row) => {
    try {
      return standing === null
        ? undefined
        : shapes.describeStanding(shapes.standing.decode(standing), nowMs);
    } catch {
      // Whoever acts next is told of it; until then it stays as high as it was.
      return undefined;
    }
  };
  // By score upwards: what is lowered goes behind, and is not met again.
  let last: Pick<Row, 'realm' | 'subject' | 'standing_score'> | undefined;
  for (let full = true; full; ) {
    const beyond: Pick<Row, 'realm' | 'subject' | 'standing_score'> = last ?? {
      ...{ realm: '', standing_score: 0, subject: '' },
    };
    const { rows } = await sql<Row>`
      SELECT realm, subject, standing, standing_score, changed_ms FROM risk_profile
      WHERE standing_score > 0
        AND (realm, standing_score, subject) > (${beyond.realm}, ${beyond.standing_score}, ${beyond.subject})
      ORDER BY realm, standing_score, subject LIMIT ${sql.lit(PAGE)}`.execute(store.read);
    await store.transaction(async (tx) => {
      for (const row of rows) {
        const now = describe(row);
        if (now === undefined || now.score >= row.standing_score) continue;
        await tx
          .updateTable('risk_profile')
          .set({ standing_score: now.score, standing_level: now.level })
          .where('realm', '=', row.realm)
          .where('subject', '=', row.subject)
          // Written since it was read: then it is of today.
          .where('changed_ms', '=', row.changed_ms)
          .where('standing_score', '=', row.standing_score)
          .execute();
      }
    });
    last = rows.at(-1);
    full = rows.length === PAGE;
  }
}
