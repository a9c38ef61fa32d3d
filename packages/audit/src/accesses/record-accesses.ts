// What a resource says was touched with a token: an event `data.accessed` for each, once however often it
// comes. Who and which client is the ledger's word, not the reporter's; a token that the ledger does not
// have, or of another tenant, leaves only what was told.

import type { CountersignEvent } from '@countersign/vocabulary';
import { type CompiledQuery, type Selectable, sql } from 'kysely';
import { hashBytes, hexOf } from '../hex-bytes.ts';
import { importKey } from '../imports/import-key.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { describeEventRow } from '../store/describe-event-row.ts';
import type { IssuedTokenRow } from '../tables.ts';
import { findIssuedByHash, type IssuedByHash } from '../uses/find-issued-of-uses.ts';
import type { Reporter } from '../uses/own-uses.ts';
import { type Access, parseAccessBatch } from './access-batch.ts';

/** A reporter's clock may be this far off before we date the event ourselves. */
const LONGEST_PAST_MS = 7 * 86_400_000;
const LONGEST_FUTURE_MS = 300_000;

export interface AccessesTaken {
  /** Accesses on record, now or by an earlier copy of the same report. */
  accepted: number;
  /** Of those, with a token that we issued for this tenant. */
  joined: number;
}

/** @throws CodedError `accesses_malformed` or StorageCode */
export async function recordAccesses(
  room: AuditRoom,
  reporter: Reporter,
  given: unknown,
): Promise<AccessesTaken> {
  const accesses = parseAccessBatch(given);
  const find = (column: 'token_hash' | 'jti_hash', hashes: (string | undefined)[]) =>
    findIssuedByHash(
      room,
      column,
      hashes.flatMap((each) => (each === undefined ? [] : [hashBytes(each)])),
    );
  const byToken = await find(
    'token_hash',
    accesses.map(({ tokenHash }) => tokenHash),
  );
  const byJti = await find(
    'jti_hash',
    accesses.map(({ jtiHash }) => jtiHash),
  );
  const receivedMs = room.clock.nowMs();
  const described = accesses.map((access) => {
    const issued = ownIssue(access, reporter, byToken, byJti);
    return { access, issued, event: describeAccess(access, reporter, receivedMs, issued) };
  });
  await room.store.transaction(async (tx) => {
    for (const { access, issued, event } of described) {
      const key = importKey(
        'accesses',
        reporter.tenant,
        `${reporter.id}\0${access.id}`,
        access.atMs,
      );
      const entered = await sql`
        INSERT INTO import_key (key) VALUES (${key}) ON CONFLICT DO NOTHING RETURNING key`.execute(
        tx,
      );
      if (entered.rows.length === 0) continue;
      const facts = { tenant: reporter.tenant, ledgerMatch: issued !== undefined };
      const query: CompiledQuery<unknown> = room.insert.event(describeEventRow(room, event, facts));
      await tx.executeQuery(query);
    }
  });
  const joined = described.filter(({ issued }) => issued !== undefined).length;
  return { accepted: accesses.length, joined };
}

/** Of another tenant's token nothing may be learned by naming its hash. */
function ownIssue(
  { tokenHash, jtiHash }: Access,
  { tenant }: Reporter,
  byToken: IssuedByHash,
  byJti: IssuedByHash,
): Selectable<IssuedTokenRow> | undefined {
  const row =
    (tokenHash === undefined ? undefined : byToken.get(tokenHash)) ??
    (jtiHash === undefined ? undefined : byJti.get(jtiHash));
  return row?.realm.startsWith(`${tenant}/`) === true ? row : undefined;
}

function describeAccess(
  access: Access,
  reporter: Reporter,
  receivedMs: number,
  issued: Selectable<IssuedTokenRow> | undefined,
): CountersignEvent {
  const { atMs, operation, item, count, complete, ip, userAgent } = access;
  const sane = atMs > receivedMs - LONGEST_PAST_MS && atMs < receivedMs + LONGEST_FUTURE_MS;
  const request = {
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
  return {
    ...{ name: 'data.accessed', timeMs: sane ? atMs : receivedMs, tenant: reporter.tenant },
    ...{ operation, request },
    item: {
      ...{ kind: item.kind, id: item.id },
      ...(item.in === undefined ? {} : { in: item.in }),
      ...(item.name === undefined ? {} : { name: item.name }),
    },
    token: { ...namedToken(access), ...(issued === undefined ? {} : issuedToken(issued)) },
    ...(issued === undefined ? {} : whoseToken(issued)),
    ...(count === undefined ? {} : { count }),
    extra: {
      reporter: reporter.id,
      ...(complete === undefined ? {} : { complete }),
      ...(sane ? {} : { saidMs: atMs }),
    },
  };
}

function namedToken({ tokenHash, jtiHash }: Access) {
  return {
    kind: 'access' as const,
    ...(tokenHash === undefined ? {} : { tokenHash }),
    ...(jtiHash === undefined ? {} : { jtiHash }),
  };
}

function issuedToken(issued: Selectable<IssuedTokenRow>) {
  return {
    ...{ tokenHash: hexOf(issued.token_hash), jtiHash: hexOf(issued.jti_hash) },
    ...{ kid: issued.kid, issuer: issued.issuer },
    ...{ issuedAtSeconds: issued.issued_at_seconds, expiresAtSeconds: issued.expires_at_seconds },
    ...(issued.root_auth_id === null ? {} : { rootAuthId: issued.root_auth_id }),
  };
}

function whoseToken({ realm, subject, client_id, session_id }: Selectable<IssuedTokenRow>) {
  return {
    realm: realm as NonNullable<CountersignEvent['realm']>,
    ...(subject === null ? {} : { subject }),
    ...(client_id === null ? {} : { clientId: client_id }),
    ...(session_id === null ? {} : { sessionId: session_id }),
  };
}
