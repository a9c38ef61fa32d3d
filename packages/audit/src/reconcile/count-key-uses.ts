// What each key did, told as `key.used` once its numbers were compared with the ledger: an event a
// key and page, not a signature, since every signature is in the journal and its token on record.

import type { CountersignEvent, RealmId } from '@countersign/vocabulary';
import type { NumberedItem } from '../classify/match-numbers.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/numbered-places.ts';

export interface KeyUse {
  kid: string;
  signatures: number;
  /** Places in the journal. */
  firstNumber: number;
  lastNumber: number;
  /** From a ledger row of the key; unknown while it signed nothing that was issued. */
  owner: { realm: string; issuer: string } | undefined;
}

export function countKeyUses(
  items: readonly NumberedItem[],
  owners: ReadonlyMap<string, { realm: string; issuer: string }>,
): KeyUse[] {
  const byKey = Map.groupBy(items, ({ kid }) => kid ?? '');
  return [...byKey].map(([kid, signatures]) => ({
    kid,
    signatures: signatures.length,
    firstNumber: signatures[0]?.number ?? 0,
    lastNumber: signatures.at(-1)?.number ?? 0,
    owner: owners.get(kid),
  }));
}

/** Two accounts of successive pages as one. */
export function addKeyUses(earlier: readonly KeyUse[], later: readonly KeyUse[]): KeyUse[] {
  const sum = new Map(earlier.map((use) => [use.kid, use]));
  for (const use of later) {
    const known = sum.get(use.kid);
    const { lastNumber } = use;
    const signatures = (known?.signatures ?? 0) + use.signatures;
    sum.set(use.kid, {
      ...use,
      ...known,
      owner: known?.owner ?? use.owner,
      lastNumber,
      signatures,
    });
  }
  return [...sum.values()];
}

export function describeKeyUses(
  { clock, signers }: Pick<AuditRoom, 'clock' | 'signers'>,
  uses: readonly KeyUse[],
): CountersignEvent[] {
  return uses.map(({ kid, signatures, firstNumber, lastNumber, owner }) => ({
    name: 'key.used',
    timeMs: clock.nowMs(),
    ...(owner === undefined ? {} : { realm: owner.realm as RealmId }),
    token: {
      kind: 'other',
      kid,
      ...signers.describe(lastNumber),
      ...(owner === undefined ? {} : { issuer: owner.issuer }),
    },
    extra: { signatures, firstNumber: indexOf(firstNumber), lastNumber: indexOf(lastNumber) },
  }));
}
