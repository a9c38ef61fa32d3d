// A passkey of a person (WebAuthn Level 3 §4, credential record), and what may be said about one. The
// authenticator keeps the private key; what is here checks signatures and makes none.

import type { RealmId } from '@countersign/vocabulary';
import { z } from 'zod';
import { lineOfText } from '../parse-input.ts';
import type { PasskeyRow } from '../tables.ts';

export interface Passkey {
  realm: RealmId;
  personId: string;
  /** Credential id, base64url. */
  id: string;
  /** COSE key, base64url. */
  publicKey: string;
  /** As last signed; an authenticator that does not count says 0 for ever. */
  counter: number;
  /** How the browser may reach it: `internal`, `hybrid`, `usb`, … */
  transports: string[];
  /** May be copied to other devices by its maker's cloud ("synced"). */
  multiDevice: boolean;
  backedUp: boolean;
  /** Model of the authenticator, unattested: a hint for the name and nothing more. */
  aaguid: string;
  name: string;
  createdMs: number;
  lastUsedMs?: number;
  /** Its counter went back: there are two of it. It opens nothing any more. */
  stoppedMs?: number;
}

export interface NewPasskey {
  realm: RealmId;
  personId: string;
  id: string;
  publicKey: string;
  counter: number;
  transports?: readonly string[] | undefined;
  multiDevice: boolean;
  backedUp: boolean;
  aaguid: string;
  name: string;
}

const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];
const MOST_COUNTER = 0xffff_ffff;

export const passkeyName = lineOfText(60);

const base64url = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');

export const newPasskeySchema = z.strictObject({
  realm: z.string(),
  personId: z.string().min(1).max(128),
  // At most 1,023 bytes (WebAuthn Level 3 §4).
  id: base64url(1364),
  publicKey: base64url(2800),
  counter: z.int().min(0).max(MOST_COUNTER),
  // Names of transports that nobody knows yet are dropped (WebAuthn Level 3 §5.8.4).
  transports: z
    .array(z.string().max(32))
    .max(16)
    .default([])
    .transform((names) => TRANSPORTS.filter((known) => names.includes(known))),
  multiDevice: z.boolean(),
  backedUp: z.boolean(),
  aaguid: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a UUID'),
  name: passkeyName,
});

export function toPasskey(row: PasskeyRow): Passkey {
  return {
    realm: row.realm,
    personId: row.person_id,
    id: row.id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: row.transports === '' ? [] : row.transports.split(' '),
    multiDevice: row.multi_device === 1,
    backedUp: row.backed_up === 1,
    aaguid: row.aaguid,
    name: row.name,
    createdMs: row.created_ms,
    ...(row.last_used_ms === null ? {} : { lastUsedMs: row.last_used_ms }),
    ...(row.stopped_ms === null ? {} : { stoppedMs: row.stopped_ms }),
  };
}
