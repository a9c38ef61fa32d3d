// What is remembered of one subject: per attribute up to 16 values with how often and when last, decayed
// by half in 180 days, and a few sums. One buffer, no objects inside: a million of them fit in memory.

import { ATTRIBUTE_INDEX, type Attribute, MAX_VALUE } from '../input/attributes.ts';
import { checkProfileBytes } from './check-profile-bytes.ts';
import { growth, secondsOf } from './decay.ts';
import { AT, ATTRIBUTE_COUNT, MAX_SLOTS, PROFILE_VERSION, SLOT_BYTES } from './profile-layout.ts';

export interface ProfileValue {
  value: number;
  /** Decayed number of acts that showed it. */
  weight: number;
  lastMs: number;
}

/** Numbers that `readInto` writes per attribute: count, known, distinct. */
export const READ_STRIDE = 3;

const TAU = 2 * Math.PI;
const DAY = 86_400;
const WEEK = 7 * DAY;
/** Slots there is room for at first, as many as a first act fills, and how many are added when it is full. */
const FIRST_SLOTS = 10;
const SPARE = 4;

export class Profile {
  #view: DataView;
  /** Bytes in use. */
  #end: number;

  constructor(view?: DataView) {
    this.#view = view ?? new DataView(new ArrayBuffer(AT.slots + FIRST_SLOTS * SLOT_BYTES));
    this.#end = view ? view.byteLength : AT.slots;
    if (view) return;
    this.#view.setUint8(AT.version, PROFILE_VERSION);
    this.#view.setUint8(AT.attributes, ATTRIBUTE_COUNT);
  }

  /** @throws RiskError `bad_profile`: not bytes that `encode` made. */
  static decode(bytes: Uint8Array): Profile {
    checkProfileBytes(bytes);
    return new Profile(new DataView(bytes.slice().buffer));
  }

  encode(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#end).slice();
  }

  get byteLength(): number {
    return this.#view.byteLength;
  }

  /** How many acts it was taught, never decayed. */
  get depth(): number {
    return this.#view.getUint32(AT.depth, true);
  }

  /** 0 when it was taught nothing. */
  get firstMs(): number {
    return this.#view.getUint32(AT.first, true) * 1000;
  }

  get lastMs(): number {
    return this.#view.getUint32(AT.last, true) * 1000;
  }

  get lastFailureMs(): number {
    return this.#view.getUint32(AT.lastFailure, true) * 1000;
  }

  /** Decayed number of acts. */
  weight(nowMs: number): number {
    return this.#view.getFloat32(AT.total, true) / this.#growthAt(nowMs);
  }

  /** Decayed number of failures. */
  failures(nowMs: number): number {
    return this.#view.getFloat32(AT.failures, true) / this.#growthAt(nowMs);
  }

  /** Decayed number of acts in which the attribute was known. */
  knownWeight(attribute: Attribute, nowMs: number): number {
    const at = AT.weights + 8 * ATTRIBUTE_INDEX[attribute];
    return this.#view.getFloat32(at, true) / this.#growthAt(nowMs);
  }

  /** The values it holds of an attribute, heaviest first. */
  values(attribute: Attribute, nowMs: number): ProfileValue[] {
    const view = this.#view;
    const index = ATTRIBUTE_INDEX[attribute];
    const scale = this.#growthAt(nowMs);
    const found: ProfileValue[] = [];
    let at = this.#slotsOf(index);
    for (let left = view.getUint8(AT.slotCounts + index); left > 0; left--, at += SLOT_BYTES) {
      const next = {
        value: view.getFloat64(at, true),
        weight: view.getFloat32(at + 8, true) / scale,
        lastMs: view.getUint32(at + 12, true) * 1000,
      };
      // A few, nearly in order: put where they belong, with nothing allocated for it.
      let place = found.length;
      for (; place > 0 && isHeavier(next, found[place - 1]!); place--) {
        found[place] = found[place - 1]!;
      }
      found[place] = next;
    }
    return found;
  }

  /** The first of `values`, 0 when there is none: of values that weigh the same, the later one. */
  usual(attribute: Attribute): number {
    const view = this.#view;
    const index = ATTRIBUTE_INDEX[attribute];
    let [at, best] = [this.#slotsOf(index), 0];
    let [most, latest] = [-1, 0];
    for (let left = view.getUint8(AT.slotCounts + index); left > 0; left--, at += SLOT_BYTES) {
      const value = view.getFloat64(at, true);
      const weight = view.getFloat32(at + 8, true);
      const last = view.getUint32(at + 12, true);
      const later = last > latest || (last === latest && value < best);
      if (weight > most || (weight === most && later)) [best, most, latest] = [value, weight, last];
    }
    return best;
  }

  /** Whether it holds values of the attribute, and not this one. */
  isStrange(attribute: Attribute, value: number): boolean {
    const index = ATTRIBUTE_INDEX[attribute];
    const slots = this.#view.getUint8(AT.slotCounts + index);
    const begin = this.#slotsOf(index);
    for (let slot = 0; slot < slots; slot++) {
      if (this.#view.getFloat64(begin + slot * SLOT_BYTES, true) === value) return false;
    }
    return slots > 0;
  }

  /**
   * Writes per attribute, in order: decayed count of the given value, decayed number of acts in which the
   * attribute was known, decayed number of values that were new. Allocates nothing.
   */
  readInto(values: Float64Array, nowMs: number, out: Float64Array): void {
    const view = this.#view;
    const scale = 1 / this.#growthAt(nowMs);
    let at: number = AT.slots;
    for (let index = 0, o = 0; index < ATTRIBUTE_COUNT; index++, o += READ_STRIDE) {
      const end = at + SLOT_BYTES * view.getUint8(AT.slotCounts + index);
      const value = values[index]!;
      out[o] = 0;
      for (; at < end; at += SLOT_BYTES) {
        if (view.getFloat64(at, true) !== value) continue;
        out[o] = view.getFloat32(at + 8, true) * scale;
        break;
      }
      at = end;
      const weights = AT.weights + 8 * index;
      out[o + 1] = view.getFloat32(weights, true) * scale;
      out[o + 2] = view.getFloat32(weights + 4, true) * scale;
    }
  }

  /**
   * How far the hour is from the habit, -1 (always at this hour) to 1 (always at the opposite one); 0
   * when there is no habit. Of the day and of the week.
   */
  hourOddness(timeMs: number, circle: 'day' | 'week'): number {
    const total = this.#view.getFloat32(AT.total, true);
    if (!(total > 0)) return 0;
    const at = circle === 'day' ? AT.day : AT.week;
    const angle = angleOf(secondsOf(timeMs), circle === 'day' ? DAY : WEEK);
    const [x, y] = [this.#view.getFloat32(at, true), this.#view.getFloat32(at + 4, true)];
    return -(x * Math.cos(angle) + y * Math.sin(angle)) / total;
  }

  /**
   * Folds one act of the subject. Values that are no whole numbers from 1 to 2^52 count as not known; a
   * time before the last one counts as the last one.
   *
   * @param weight How much it counts, in (0, 1].
   */
  learn(values: Float64Array, timeMs: number, weight = 1): void {
    if (!(weight > 0)) return;
    const second = this.#moveTo(timeMs);
    const view = this.#view;
    const amount = Math.min(weight, 1) * growth(second, view.getUint32(AT.epoch, true));
    if (this.depth === 0) view.setUint32(AT.first, second, true);
    view.setUint32(AT.last, second, true);
    view.setUint32(AT.depth, Math.min(this.depth + 1, 2 ** 32 - 1), true);
    this.#add(AT.total, amount);
    this.#addAngle(AT.day, angleOf(second, DAY), amount);
    this.#addAngle(AT.week, angleOf(second, WEEK), amount);
    for (let index = 0; index < ATTRIBUTE_COUNT; index++) {
      const value = values[index]!;
      if (value >= 1 && value <= MAX_VALUE && Number.isInteger(value)) {
        this.#count(index, value, amount, second);
      }
    }
  }

  /** Folds one failure: it teaches nothing but that it was. */
  noteFailure(timeMs: number): void {
    const second = this.#moveTo(timeMs);
    this.#add(AT.failures, growth(second, this.#view.getUint32(AT.epoch, true)));
    this.#view.setUint32(AT.lastFailure, second, true);
  }

  /** The second an act counts as: never before what was folded last. */
  #moveTo(timeMs: number): number {
    const view = this.#view;
    const [last, failed] = [view.getUint32(AT.last, true), view.getUint32(AT.lastFailure, true)];
    const second = Math.max(secondsOf(timeMs), last, failed, 1);
    if (view.getUint32(AT.epoch, true) === 0) view.setUint32(AT.epoch, second, true);
    return second;
  }

  #growthAt(nowMs: number): number {
    const second = Math.max(secondsOf(nowMs), this.#view.getUint32(AT.last, true));
    return growth(second, this.#view.getUint32(AT.epoch, true));
  }

  #slotsOf(index: number): number {
    let at: number = AT.slots;
    for (let i = 0; i < index; i++) at += SLOT_BYTES * this.#view.getUint8(AT.slotCounts + i);
    return at;
  }

  #count(index: number, value: number, amount: number, second: number): void {
    const weights = AT.weights + 8 * index;
    this.#add(weights, amount);
    const slots = this.#view.getUint8(AT.slotCounts + index);
    const start = this.#slotsOf(index);
    let [lightest, least] = [start, Number.POSITIVE_INFINITY];
    for (let at = start, end = start + SLOT_BYTES * slots; at < end; at += SLOT_BYTES) {
      const held = this.#view.getFloat32(at + 8, true);
      if (this.#view.getFloat64(at, true) === value) {
        this.#writeSlot(at, value, held + amount, second);
        return;
      }
      if (held < least) [lightest, least] = [at, held];
    }
    this.#add(weights + 4, amount);
    if (slots === MAX_SLOTS) this.#writeSlot(lightest, value, amount, second);
    else this.#insertSlot(index, start + SLOT_BYTES * slots, value, amount, second);
  }

  #writeSlot(at: number, value: number, weight: number, second: number): void {
    this.#view.setFloat64(at, value, true);
    this.#view.setFloat32(at + 8, weight, true);
    this.#view.setUint32(at + 12, second, true);
  }

  #insertSlot(index: number, at: number, value: number, weight: number, second: number): void {
    let bytes = new Uint8Array(this.#view.buffer);
    if (this.#end + SLOT_BYTES > bytes.length) {
      const longer = new Uint8Array(this.#end + SPARE * SLOT_BYTES);
      longer.set(bytes.subarray(0, this.#end));
      bytes = longer;
      this.#view = new DataView(bytes.buffer);
    }
    bytes.copyWithin(at + SLOT_BYTES, at, this.#end);
    this.#end += SLOT_BYTES;
    this.#view.setUint8(AT.slotCounts + index, this.#view.getUint8(AT.slotCounts + index) + 1);
    this.#writeSlot(at, value, weight, second);
  }

  #add(at: number, amount: number): void {
    this.#view.setFloat32(at, this.#view.getFloat32(at, true) + amount, true);
  }

  #addAngle(at: number, angle: number, amount: number): void {
    this.#add(at, amount * Math.cos(angle));
    this.#add(at + 4, amount * Math.sin(angle));
  }
}

function isHeavier(one: ProfileValue, other: ProfileValue): boolean {
  if (one.weight !== other.weight) return one.weight > other.weight;
  return one.lastMs === other.lastMs ? one.value < other.value : one.lastMs > other.lastMs;
}

function angleOf(second: number, circle: number): number {
  return (TAU * (second % circle)) / circle;
}
