// Bytes from a store are a stranger's until each number in them is one that a profile can hold.

import { MAX_VALUE } from '../input/attributes.ts';
import { RiskError } from '../risk-error.ts';
import {
  AT,
  ATTRIBUTE_COUNT,
  MAX_PROFILE_BYTES,
  MAX_SLOTS,
  PROFILE_VERSION,
  SLOT_BYTES,
} from './profile-layout.ts';

/** What can be added to for another lifetime without leaving 32-bit floats. */
const MOST_WEIGHT = 2 ** 124;

/** @throws RiskError `bad_profile`. */
export function checkProfileBytes(bytes: Uint8Array): void {
  if (bytes.length < AT.slots || bytes.length > MAX_PROFILE_BYTES) throw refuse('length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(AT.version) !== PROFILE_VERSION) throw refuse('version');
  if (view.getUint8(AT.attributes) !== ATTRIBUTE_COUNT) throw refuse('attributes');
  checkHeader(view);
  let at: number = AT.slots;
  for (let index = 0; index < 16; index++) {
    const slots = view.getUint8(AT.slotCounts + index);
    if (slots > (index < ATTRIBUTE_COUNT ? MAX_SLOTS : 0)) throw refuse('slot count');
    const end = at + slots * SLOT_BYTES;
    if (end > bytes.length) throw refuse('length');
    if (index < ATTRIBUTE_COUNT) checkSlots(view, index, at, end);
    at = end;
  }
  if (at !== bytes.length) throw refuse('length');
}

function checkHeader(view: DataView): void {
  const second = (at: number) => view.getUint32(at, true);
  const weight = (at: number) => view.getFloat32(at, true);
  if (view.getUint16(2, true) !== 0) throw refuse('reserved bytes');
  if (second(AT.first) > second(AT.last)) throw refuse('times');
  if (second(AT.epoch) > Math.max(second(AT.last), second(AT.lastFailure))) throw refuse('times');
  if ((second(AT.depth) === 0) !== (second(AT.last) === 0)) throw refuse('depth');
  if (second(AT.epoch) === 0 && view.byteLength > AT.slots) throw refuse('times');
  for (const at of [AT.total, AT.failures]) {
    if (!isWeight(weight(at))) throw refuse('weight');
  }
  const most = weight(AT.total) * 1.001;
  for (const at of [AT.day, AT.day + 4, AT.week, AT.week + 4]) {
    if (!(Math.abs(weight(at)) <= most)) throw refuse('hours');
  }
}

function checkSlots(view: DataView, index: number, start: number, end: number): void {
  const known = view.getFloat32(AT.weights + 8 * index, true);
  const distinct = view.getFloat32(AT.weights + 8 * index + 4, true);
  const most = 1.001 * view.getFloat32(AT.total, true);
  if (!isWeight(known) || !isWeight(distinct) || known > most || distinct > most) {
    throw refuse('weight');
  }
  const seen = new Set<number>();
  let held = 0;
  for (let at = start; at < end; at += SLOT_BYTES) {
    const value = view.getFloat64(at, true);
    const weight = view.getFloat32(at + 8, true);
    const whole = Number.isInteger(value) && value >= 1 && value <= MAX_VALUE;
    if (!whole || seen.has(value)) throw refuse('value');
    if (!isWeight(weight)) throw refuse('weight');
    if (view.getUint32(at + 12, true) > view.getUint32(AT.last, true)) throw refuse('times');
    seen.add(value);
    held += weight;
  }
  // Sums of 32-bit floats stop growing at 2^24 acts: each slot may have got as far as the sum did.
  if (held > known * (MAX_SLOTS + 1)) throw refuse('weight');
}

function isWeight(weight: number): boolean {
  return weight >= 0 && weight <= MOST_WEIGHT;
}

function refuse(what: string): RiskError {
  return new RiskError('bad_profile', 'These are not the bytes of a profile.', { detail: what });
}
