// Between an act and its row.

import { parseRealmId, type RealmId, type RiskDecision } from '@countersign/vocabulary';
import type { RiskActTable } from '../tables.ts';
import { type Act, type ActKind, decodeBody, encodeBody, type KeptAct } from './act.ts';

export function rowOf(act: Act, sequence: number): RiskActTable {
  return {
    sequence,
    id: act.id,
    kind: act.kind,
    realm: act.realm,
    subject: act.subject ?? null,
    client: act.client ?? null,
    session: act.session ?? null,
    time_ms: act.timeMs,
    score: act.assessment?.score ?? null,
    level: act.assessment?.level ?? null,
    action: act.action ?? null,
    about: act.about ?? null,
    body: encodeBody(act),
  };
}

function actOf(row: RiskActTable): KeptAct {
  parseRealmId(row.realm);
  return {
    sequence: row.sequence,
    id: row.id,
    kind: row.kind as ActKind,
    realm: row.realm as RealmId,
    ...(row.subject === null ? {} : { subject: row.subject }),
    ...(row.client === null ? {} : { client: row.client }),
    ...(row.session === null ? {} : { session: row.session }),
    ...(row.action === null ? {} : { action: row.action as RiskDecision['action'] }),
    ...(row.about === null ? {} : { about: row.about }),
    timeMs: row.time_ms,
    ...decodeBody(row.body),
  };
}

/** Undefined, and told, where the row cannot be read: one bad row stops nobody. */
export function readAct(
  row: RiskActTable,
  onTrouble: (error: unknown) => void,
): KeptAct | undefined {
  try {
    return actOf(row);
  } catch (error) {
    onTrouble(error);
    return undefined;
  }
}
