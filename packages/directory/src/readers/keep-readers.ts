// Readers of the audit log, each with a credential `csa.ID.SECRET`, kept as SHA-256 and shown once. Who
// made it, for whom and why stays on record after its end.

import { createHash, timingSafeEqual } from 'node:crypto';
import { CodedError, newId, newSecret } from '@countersign/vocabulary';
import type { Alongside } from '../credentials/operators.ts';
import { type DirectoryCode, renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { type Page, parseInput, parsePage } from '../parse-input.ts';
import type { DirectoryTables } from '../tables.ts';
import { type NewReader, newReaderSchema, type Reader } from './reader.ts';

export interface Readers {
  /**
   * `credential` is shown here and never again. With `alongside`, in the same transaction.
   * @throws CodedError bad_reader | tenant_unknown | person_unknown
   */
  create(
    input: NewReader & { by: string },
    alongside?: (reader: Reader) => Alongside,
  ): Promise<Reader & { credential: string }>;
  /** Undefined for a wrong, ended, expired or malformed credential. */
  authenticate(credential: string): Promise<Reader | undefined>;
  /** Of a tenant, if it is named: a reader of another tenant is then unknown. */
  find(id: string, tenant?: string): Promise<Reader | undefined>;
  /**
   * Ends a credential at once; the first time counts and has `alongside` run.
   * @throws CodedError reader_unknown, also for one of another tenant
   */
  end(
    input: { id: string; tenant?: string | undefined; by: string },
    alongside?: (reader: Reader) => Alongside,
  ): Promise<Reader>;
  /** By id; of all tenants where none is named. */
  list(tenant: string | undefined, page?: Page): Promise<Reader[]>;
}

type ReaderRow = DirectoryTables['directory_reader'];

const FORM = /^csa\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

export function keepReaders(parts: DirectoryParts): Readers {
  const { store, clock } = parts;
  const select = () => store.read.selectFrom('directory_reader').selectAll();
  const find = async (id: string, tenant?: string): Promise<Reader | undefined> => {
    const one = select().where('id', '=', id);
    const query = tenant === undefined ? one : one.where('tenant', '=', tenant);
    const row = await query.executeTakeFirst();
    return row === undefined ? undefined : toReader(row);
  };
  return {
    find,
    create: (input, alongside) => createReader(parts, input, alongside),
    async authenticate(credential) {
      const [, id, secret] = FORM.exec(credential) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const row = await select().where('id', '=', id).executeTakeFirst();
      if (row === undefined || row.ended_ms !== null) return undefined;
      if (row.expires_ms !== null && row.expires_ms <= clock.nowMs()) return undefined;
      const [expected, given] = [Buffer.from(row.hash, 'hex'), sha256(secret)];
      const equal = expected.length === given.length && timingSafeEqual(expected, given);
      return equal ? toReader(row) : undefined;
    },
    async end({ id, tenant, by }, alongside) {
      const before = await find(id, tenant);
      if (before === undefined) throw unknown();
      const endedMs = clock.nowMs();
      await store.transaction(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('directory_reader')
          .set({ ended_ms: endedMs, ended_by: by })
          .where('id', '=', id)
          .where('ended_ms', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) await alongside?.({ ...before, endedMs, endedBy: by })(tx);
      });
      const reader = await find(id, tenant);
      if (reader === undefined) throw unknown();
      return reader;
    },
    async list(tenant, page) {
      const { after, limit } = parsePage(page);
      const all = select().where('id', '>', after).orderBy('id').limit(limit);
      const query = tenant === undefined ? all : all.where('tenant', '=', tenant);
      return (await query.execute()).map(toReader);
    },
  };
}

async function createReader(
  { store, clock, random }: DirectoryParts,
  { by, ...input }: NewReader & { by: string },
  alongside?: (reader: Reader) => Alongside,
): Promise<Reader & { credential: string }> {
  const nowMs = clock.nowMs();
  const asked = parseInput(newReaderSchema(nowMs), 'bad_reader', input);
  const secret = newSecret(random);
  const row: ReaderRow = {
    id: newId(random),
    kind: asked.kind,
    tenant: asked.tenant,
    name: asked.name,
    manage: asked.kind === 'tenant' && asked.manage ? 1 : 0,
    subject: asked.kind === 'person' ? asked.subject : null,
    realm: asked.kind === 'person' ? asked.realm : null,
    reason: asked.kind === 'responder' ? asked.reason : null,
    hash: sha256(secret).toString('hex'),
    made_by: by,
    created_ms: nowMs,
    expires_ms: asked.expiresMs ?? null,
    ended_ms: null,
    ended_by: null,
  };
  const reader = toReader(row);
  const write = store.transaction(async (tx) => {
    if (asked.kind === 'person') await checkPerson(tx, asked);
    await tx.insertInto('directory_reader').values(row).execute();
    await alongside?.(reader)(tx);
  });
  await renaming(write, { storage_constraint: ['tenant_unknown', 'There is no such tenant.'] });
  return { ...reader, credential: `csa.${row.id}.${secret}` };
}

/** Events of persons who are not of this tenant are nobody's here. @throws CodedError `person_unknown` */
async function checkPerson(
  tx: Parameters<Alongside>[0],
  { tenant, realm, subject }: { tenant: string; realm: string; subject: string },
): Promise<void> {
  const person = await tx
    .selectFrom('directory_person as person')
    .innerJoin('directory_realm as realm', 'realm.realm', 'person.realm')
    .select('person.id')
    .where('realm.tenant', '=', tenant)
    .where('person.id', '=', subject)
    .where((row) => row(row.ref('realm.realm'), '=', row.val(realm as never)))
    .executeTakeFirst();
  if (person === undefined) {
    const message = 'There is no such person in this realm of the tenant.';
    throw new CodedError<DirectoryCode>('person_unknown', message);
  }
}

function unknown(): CodedError<DirectoryCode> {
  return new CodedError('reader_unknown', 'There is no such reader.');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function toReader(row: ReaderRow): Reader {
  return {
    id: row.id,
    kind: row.kind,
    tenant: row.tenant,
    name: row.name,
    manage: row.manage === 1,
    subject: row.subject,
    realm: row.realm,
    reason: row.reason,
    madeBy: row.made_by,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
    endedMs: row.ended_ms,
    endedBy: row.ended_by,
  };
}
