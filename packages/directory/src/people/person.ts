// A person of one realm, and what may be said about one.

import type { RealmId } from '@countersign/vocabulary';
import { z } from 'zod';
import { lineOfText } from '../parse-input.ts';
import type { PersonRow } from '../tables.ts';

export interface Person {
  realm: RealmId;
  /** Random, never reused: the `sub` of tokens. */
  id: string;
  /** As it was written; unique in its realm whatever its case or width. */
  username: string;
  email?: string;
  emailVerified: boolean;
  name?: string;
  /** A disabled person is found, and cannot sign in. */
  disabled: boolean;
  createdMs: number;
  updatedMs: number;
}

export interface NewPerson {
  realm: RealmId;
  username: string;
  email?: string | undefined;
  /** Default false. */
  emailVerified?: boolean | undefined;
  name?: string | undefined;
  /** Without one the person cannot sign in by password. */
  password?: string | undefined;
}

export const newPersonSchema = z.strictObject({
  realm: z.string(),
  username: z.string().max(512),
  email: z.email().max(254).optional(),
  emailVerified: z.boolean().default(false),
  name: lineOfText(200).optional(),
  password: z.string().optional(),
});

export function toPerson(row: PersonRow): Person {
  return {
    realm: row.realm,
    id: row.id,
    username: row.username,
    ...(row.email === null ? {} : { email: row.email }),
    emailVerified: row.email_verified === 1,
    ...(row.name === null ? {} : { name: row.name }),
    disabled: row.disabled === 1,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}
