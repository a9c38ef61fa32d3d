// The two tags of a leaf. Whoever holds the tenant's key sees in them whose token it is and which
// instance issued it; to everybody else they are noise. The key of a day hides the tenant's key,
// and a person's tags of two days cannot be told to belong together without it.

import { ByteWriter } from '../bytes/byte-writer.ts';
import { equalBytes } from '../bytes/compare-bytes.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import { FormatError } from '../format-error.ts';
import { hmacSha256 } from './hmac-sha256.ts';
import { INSTANCE_TAG_BYTES, type LeafTags, USER_TAG_BYTES } from './leaf-entry.ts';

const DAY_LABEL = utf8('itlog/day/v1\n');
const USER_LABEL = utf8('itlog/user/v1\n');
const TENANT_LABEL = utf8('itlog/tenant/v1\n');
const LONGEST_ID_BYTES = 255;
const DAY_MS = 86_400_000;

/** Whole days (UTC) from the Unix epoch to a time in milliseconds. */
export function dayOf(issuedMs: number): number {
  return Math.floor(issuedMs / DAY_MS);
}

/**
 * The key of the day of `issuedMs`: HMAC(tenant key, label || u32 day), 32 bytes.
 * @throws FormatError `number_out_of_range`
 */
export function dayKey(tenantKey: Uint8Array, issuedMs: number): Uint8Array {
  return hmacSha256(tenantKey, DAY_LABEL, new ByteWriter(4).u32(dayOf(issuedMs)).finish());
}

/** HMAC(key of the day, label || sub), cut to 16 bytes: the same for all tokens of a person that day. */
export function userTag(keyOfDay: Uint8Array, subject: string): Uint8Array {
  return hmacSha256(keyOfDay, USER_LABEL, utf8(subject)).slice(0, USER_TAG_BYTES);
}

/**
 * HMAC(key of the day, label || len8 instance || commitment), cut to 8 bytes: another for each token,
 * and of no use on any other leaf. @throws FormatError `number_out_of_range` for an instance id over
 * 255 bytes
 */
export function tenantTag(
  keyOfDay: Uint8Array,
  instance: string,
  commitment: Uint8Array,
): Uint8Array {
  const name = utf8(instance);
  if (name.length > LONGEST_ID_BYTES) {
    throw new FormatError('number_out_of_range', 'The instance id is over 255 bytes.');
  }
  const size = Uint8Array.of(name.length);
  return hmacSha256(keyOfDay, TENANT_LABEL, size, name, commitment).slice(0, INSTANCE_TAG_BYTES);
}

/**
 * Which of the instances made this leaf under the key of its day; undefined when none did. Takes as
 * long for a stranger's leaf as for one's own.
 */
export function matchesTenant(
  tags: LeafTags,
  keyOfDay: Uint8Array,
  instances: readonly string[],
  commitment: Uint8Array,
): string | undefined {
  let found: string | undefined;
  for (const instance of instances) {
    if (equalBytes(tags.instance, tenantTag(keyOfDay, instance, commitment))) found = instance;
  }
  return found;
}
