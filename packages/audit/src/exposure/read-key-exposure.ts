// Goes through the tokens of a key once, in small steps: a ledger of millions must not keep the road
// of tokens waiting while somebody reads a report. Nothing is stored but what the ledger has anyhow.

import { setImmediate as otherWork } from 'node:timers/promises';
import { toSeconds } from '@countersign/vocabulary';
import type { AuditRoom } from '../store/audit-room.ts';
import type { KeyExposure } from './key-exposure.ts';
import { readResourceServers } from './read-resource-servers.ts';
import { ExposureSum, type TokenOfKey } from './sum-exposure.ts';

/** Tokens read in one go: a few milliseconds. Summing them up here is cheaper than in SQL, which sorts. */
const TOKENS_AT_ONCE = 2000;

export async function readKeyExposure(room: AuditRoom, kid: string): Promise<KeyExposure> {
  const atSeconds = toSeconds(room.clock.nowMs());
  const sum = new ExposureSum(atSeconds);
  for (let after = -1; ; ) {
    const tokens = await readTokens(room, kid, after);
    for (const token of tokens) sum.add(token);
    const last = tokens.at(-1);
    if (last === undefined) break;
    after = last.key_number;
    await otherWork();
  }
  return {
    kid,
    atSeconds,
    ...sum.describe(),
    liveRevoked: await countLiveRevoked(room, kid, atSeconds),
    ...(await readResourceServers(room, kid)),
  };
}

function readTokens(room: AuditRoom, kid: string, after: number): Promise<TokenOfKey[]> {
  return room.store.read
    .selectFrom('issued_token')
    .select([
      ...(['key_number', 'realm', 'issuer', 'audience', 'client_id', 'subject'] as const),
      ...(['root_auth_id', 'issued_at_seconds', 'expires_at_seconds'] as const),
    ])
    .where('kid', '=', kid)
    .where('key_number', '>', after)
    .orderBy('key_number')
    .limit(TOKENS_AT_ONCE)
    .execute();
}

async function countLiveRevoked(room: AuditRoom, kid: string, atSeconds: number): Promise<number> {
  const { revoked } = await room.store.read
    .selectFrom('revoked_token as r')
    .innerJoin('issued_token as t', 't.log_index', 'r.log_index')
    .select(({ fn }) => fn.countAll<number>().as('revoked'))
    .where('t.kid', '=', kid)
    // Of the token: so that its index leads to the few that are live, and not to all there were.
    .where('t.expires_at_seconds', '>', atSeconds)
    .executeTakeFirstOrThrow();
  return Number(revoked);
}
