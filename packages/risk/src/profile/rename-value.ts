// When a tenant's key is changed, what a profile or a realm knows under the old number is known under the
// new one: the same address, another name.

import type { RealmCounts } from '../counts/realm-counts.ts';
import { ATTRIBUTES } from '../input/attributes.ts';
import { Profile } from './profile.ts';
import { AT, SLOT_BYTES } from './profile-layout.ts';

/**
 * The profile with the new numbers in the place of the old ones: the same profile when it knows none of
 * the old, or knows the new already.
 *
 * @param aliases By index of ATTRIBUTES: the number before; 0 where there is none.
 */
export function renameValues(
  profile: Profile,
  values: Float64Array,
  aliases: readonly number[],
): Profile {
  if (profile.depth === 0) return profile;
  const bytes = profile.encode();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let renamed = false;
  let at: number = AT.slots;
  for (let index = 0; index < ATTRIBUTES.length; index++) {
    const end = at + SLOT_BYTES * view.getUint8(AT.slotCounts + index);
    const slots = Array.from(
      { length: (end - at) / SLOT_BYTES },
      (_, slot) => at + slot * SLOT_BYTES,
    );
    at = end;
    const [value, alias] = [values[index] ?? 0, aliases[index] ?? 0];
    if (value === 0 || alias === 0 || slots.some((slot) => view.getFloat64(slot, true) === value)) {
      continue;
    }
    const old = slots.find((slot) => view.getFloat64(slot, true) === alias);
    if (old === undefined) continue;
    view.setFloat64(old, value, true);
    renamed = true;
  }
  return renamed ? Profile.decode(bytes) : profile;
}

/** The same for what a realm counts. What is left under the old number fades. */
export function renameCounts(
  counts: RealmCounts,
  values: Float64Array,
  aliases: readonly number[],
): void {
  counts.tables.forEach((table, index) => {
    const [value, alias] = [values[index] ?? 0, aliases[index] ?? 0];
    if (value === 0 || alias === 0 || table.weightOf(value) > 0) return;
    table.rename(alias, value);
  });
}
