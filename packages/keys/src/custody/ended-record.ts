// What remains of a key that is over: all that anybody may know of it, and nothing to sign with. One
// line of the record `ended/`, whole, so that the last line of a key says all.

import { z } from 'zod';
import { damaged } from '../chain/chain-segment.ts';
import { KEY_STATES, type KeyLife } from '../life/key-life.ts';
import { keyLifeSchema } from '../life/life-book.ts';
import { keyScopeSchema, parseKeyScope, signatureAlgSchema } from '../scope/key-scope.ts';
import {
  type CustodyKind,
  cloudReferenceSchema,
  custodyKindSchema,
  type KeyPlace,
  tokenReferenceSchema,
} from './custody.ts';
import type { SecretFingerprint } from './fingerprint-key.ts';
import { type KeyFileRecord, kidSchema } from './key-file.ts';
import { publicJwkSchema } from './public-jwk.ts';

const fingerprintSchema = z.strictObject({
  kid: kidSchema,
  secret: z.enum(['ec-scalar', 'ed25519-seed', 'ed25519-scalar', 'ed25519-prefix', 'rsa-prime']),
  length: z.int(),
  at: z.int(),
  sum: z.int(),
  hashes: z.strictObject({ forward: z.string(), reversed: z.string() }),
});

const placeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('software') }),
  z.strictObject({ kind: z.literal('pkcs11'), reference: tokenReferenceSchema }),
  z.strictObject({ kind: z.literal('aws-kms'), reference: cloudReferenceSchema }),
]);

const endedSchema = z.strictObject({
  kid: kidSchema,
  alg: signatureAlgSchema,
  createdMs: z.int().min(0),
  scope: keyScopeSchema.transform(parseKeyScope),
  publicJwk: publicJwkSchema,
  place: placeSchema,
  life: keyLifeSchema,
  /** What a scan of a dump finds it by for some time yet. */
  fingerprints: z.array(fingerprintSchema),
});

/** Where the private half was, and may be yet where it is another's to destroy. */
export type EndedPlace = z.infer<typeof placeSchema>;

export interface EndedRecord extends KeyFileRecord {
  place: EndedPlace;
  life: KeyLife;
  fingerprints: readonly SecretFingerprint[];
}

/** What is known of a line without reading it whole: a start goes over a hundred thousand of them. */
const summarySchema = z.object({
  kid: kidSchema,
  scope: z.object({
    issuer: z.string(),
    tenant: z.string(),
    population: z.string(),
    requireReceiptFrom: z.string().exactOptional(),
  }),
  place: z.object({ kind: custodyKindSchema }),
  life: z.object({
    state: z.enum(KEY_STATES),
    sinceMs: z.partialRecord(z.enum(KEY_STATES), z.int()),
  }),
  fingerprints: z.array(z.unknown()),
});

export interface EndedSummary {
  kid: string;
  scope: z.infer<typeof summarySchema>['scope'];
  state: KeyLife['state'];
  /** When that state was reached, ms since epoch. */
  atMs: number;
  custody: CustodyKind;
  fingerprints: readonly SecretFingerprint[];
}

/** @throws CodedError `ended_keys_corrupt` */
export function summarise(value: unknown, path: string): EndedSummary {
  const { success, data } = summarySchema.safeParse(value);
  if (!success) throw damaged('ended', path);
  const { kid, scope, life, place } = data;
  return {
    ...{ kid, scope, state: life.state, atMs: life.sinceMs[life.state] ?? 0, custody: place.kind },
    // Written by this room alone, under the seal's key.
    fingerprints: data.fingerprints as SecretFingerprint[],
  };
}

/** @throws CodedError `ended_keys_corrupt` */
export function parseEnded(value: unknown, path: string): EndedRecord {
  const { success, data } = endedSchema.safeParse(value);
  if (!success) throw damaged('ended', path);
  return data;
}

/** What a signer tells of a place, the key left out. */
export function placeWithoutKey(place: KeyPlace): EndedPlace {
  return place.kind === 'software' ? { kind: place.kind } : place;
}
