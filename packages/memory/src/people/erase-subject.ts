// Forgets a person: every row, what is held, and what detectors keep under their number, in one
// transaction while nothing is folded. What a crash leaves is folded after it and brings nobody back.

import type { RealmId } from '@countersign/vocabulary';
import { type Keeping, keyOf, type Tx } from '../held/keeping.ts';
import { packRealm, unpackRealm } from './pack-realm.ts';

export interface Erasing<D> {
  /** Puts what is told of it into its transaction. */
  alongside?: (tx: Tx) => Promise<unknown>;
  /** Takes the person out of what detectors keep; this room does not know under which number. */
  forget?: (detectors: D) => void;
}

export interface EraseRequest<D> extends Erasing<D> {
  realm: RealmId;
  subject: string;
}

export async function eraseSubject<I, C, D, S>(
  keeping: Keeping<I, C, D, S>,
  { realm, subject, alongside, forget }: EraseRequest<D>,
): Promise<{ acts: number }> {
  let acts = 0;
  const before = async () => {
    if (forget === undefined) return;
    const parts = await keeping.realm(realm);
    forget(parts.detectors);
    // It counts as changed, or the row would keep them.
    keeping.realms.change(realm, parts, keeping.folder.folded + 1);
  };
  const change = async (tx: Tx) => {
    for (const table of ['risk_profile', 'risk_snapshot'] as const) {
      await tx
        .deleteFrom(table)
        .where('realm', '=', realm)
        .where('subject', '=', subject)
        .execute();
    }
    const { numDeletedRows } = await tx
      .deleteFrom('risk_act')
      .where('realm', '=', realm)
      .where('subject', '=', subject)
      .where('sequence', '<=', keeping.folder.folded)
      .executeTakeFirst();
    acts = Number(numDeletedRows);
    if (forget !== undefined) await forgetInSnapshots(keeping, tx, realm, forget);
    await alongside?.(tx);
  };
  const after = () => keeping.subjects.drop(keyOf(realm, subject));
  await keeping.rewrite({ before, change, after });
  return { acts };
}

async function forgetInSnapshots<I, C, D, S>(
  { options }: Keeping<I, C, D, S>,
  tx: Tx,
  realm: RealmId,
  forget: (detectors: D) => void,
): Promise<void> {
  const { shapes, onTrouble } = options;
  const ofRealm = (day: number) =>
    tx
      .updateTable('risk_snapshot')
      .where('realm', '=', realm)
      .where('subject', '=', '')
      .where('day', '=', day);
  const rows = await tx
    .selectFrom('risk_snapshot')
    .select(['day', 'profile'])
    .where('realm', '=', realm)
    .where('subject', '=', '')
    .execute();
  for (const { day, profile } of rows) {
    if (profile === null) continue;
    let kept: Uint8Array | null = null;
    try {
      const parts = unpackRealm(profile);
      const detectors = shapes.detectors.decode(parts.detectors);
      forget(detectors);
      kept = packRealm({ ...parts, detectors: shapes.detectors.encode(detectors) });
    } catch (error) {
      // What cannot be read cannot be searched for them: it goes as a whole.
      onTrouble?.('a snapshot of a realm could not be read and is emptied', error, realm);
    }
    await ofRealm(day).set({ profile: kept }).execute();
  }
}
