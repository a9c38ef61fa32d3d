// Bearer credentials of machines that report to us: `csr.ID.SECRET` of a verifier that reports uses
// for one tenant, `css.ID.SECRET` of another issuer instance that submits leaves. The prefix lets a
// secret scanner know one; the secret is 256 random bits, kept as SHA-256, shown once.

import { createHash, timingSafeEqual } from 'node:crypto';
import { type ActorFacts, CodedError, newId, newSecret } from '@countersign/vocabulary';
import { type DirectoryCode, renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { lineOfText, type Page, parseInput, parsePage } from '../parse-input.ts';
import { recordChange } from '../record-change.ts';

export type CredentialKind = 'reporter' | 'submitter';

export interface CredentialHolder {
  id: string;
  tenant: string | null;
  name: string;
  createdMs: number;
  revokedMs: number | null;
}

export interface Credentials {
  create(
    tenant: string | null,
    name: string,
    by?: ActorFacts,
  ): Promise<CredentialHolder & { credential: string }>;
  authenticate(credential: string): Promise<CredentialHolder | undefined>;
  revoke(id: string, by?: ActorFacts): Promise<void>;
  list(tenant: string | null, page?: Page): Promise<CredentialHolder[]>;
}

const PREFIX: Record<CredentialKind, string> = { reporter: 'csr', submitter: 'css' };
const FORM = /^(cs[rs])\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;
const nameSchema = lineOfText(120);

export function keepCredentials(parts: DirectoryParts, kind: CredentialKind): Credentials {
  const { store, clock, random } = parts;
  const select = () =>
    store.read.selectFrom('directory_credential').selectAll().where('kind', '=', kind);
  return {
    async create(tenant, name, by) {
      const secret = newSecret(random);
      const row = {
        id: newId(random),
        kind,
        tenant,
        name: parseInput(nameSchema, 'bad_credential_name', name),
        hash: sha256(secret).toString('hex'),
        created_ms: clock.nowMs(),
        revoked_ms: null,
      };
      const write = store.transaction(async (tx) => {
        await tx.insertInto('directory_credential').values(row).execute();
        await recordChange(parts, tx, sourceEvent(row, 'enabled'), by);
      });
      await renaming(write, { storage_constraint: ['tenant_unknown', 'There is no such tenant.'] });
      return { ...toHolder(row), credential: `${PREFIX[kind]}.${row.id}.${secret}` };
    },
    async authenticate(credential) {
      const [, prefix, id, secret] = FORM.exec(credential) ?? [];
      if (prefix !== PREFIX[kind] || id === undefined || secret === undefined) return undefined;
      const row = await select().where('id', '=', id).executeTakeFirst();
      if (row === undefined || row.revoked_ms !== null) return undefined;
      const expected = Buffer.from(row.hash, 'hex');
      const given = sha256(secret);
      const equal = expected.length === given.length && timingSafeEqual(expected, given);
      return equal ? toHolder(row) : undefined;
    },
    async revoke(id, by) {
      await store.transaction(async (tx) => {
        const row = await tx
          .selectFrom('directory_credential')
          .selectAll()
          .where('kind', '=', kind)
          .where('id', '=', id)
          .executeTakeFirst();
        if (row === undefined) {
          throw new CodedError<DirectoryCode>('credential_unknown', `There is no such ${kind}.`);
        }
        if (row.revoked_ms !== null) return;
        await tx
          .updateTable('directory_credential')
          .set({ revoked_ms: clock.nowMs() })
          .where('kind', '=', kind)
          .where('id', '=', id)
          .execute();
        await recordChange(parts, tx, sourceEvent({ ...row, kind }, 'disabled'), by);
      });
    },
    async list(tenant, page) {
      const { after, limit } = parsePage(page);
      const all = select().where('id', '>', after).orderBy('id').limit(limit);
      const query = tenant === null ? all : all.where('tenant', '=', tenant);
      return (await query.execute()).map(toHolder);
    },
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Whoever reports to us is a source of the record: that it may, or may no longer, is on record. */
function sourceEvent(
  { id, kind, name, tenant }: { id: string; kind: string; name: string; tenant: string | null },
  operation: 'enabled' | 'disabled',
) {
  return {
    name: 'log.source_changed' as const,
    ...(tenant === null ? {} : { tenant }),
    item: { kind, id, name },
    operation,
  };
}

interface HolderRow {
  id: string;
  tenant: string | null;
  name: string;
  created_ms: number;
  revoked_ms: number | null;
}

function toHolder(row: HolderRow): CredentialHolder {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    createdMs: row.created_ms,
    revokedMs: row.revoked_ms,
  };
}
