// How many different keys were seen, in one number: linear counting over 48 bits (Whang 1990). Nobody can
// grow it by coming again, and whoever does not know the key of the hashes cannot aim at a bit.

const BITS = 48;
const HALF = 24;
const HALF_SPAN = 2 ** HALF;
const HASH_SPAN = 2 ** 21;

/** Adds a key, a whole number from 1 to 2^52, to the bits in a column of a row. */
export function addBit(row: Float64Array, column: number, key: number): void {
  const bit = placeOf(key);
  const bits = row[column] ?? 0;
  const [high, low] = [Math.floor(bits / HALF_SPAN), bits % HALF_SPAN];
  row[column] =
    bit < HALF
      ? high * HALF_SPAN + (low | (1 << bit))
      : (high | (1 << (bit - HALF))) * HALF_SPAN + low;
}

/** About how many different ones were added; infinite when there is no telling. Of two columns: of both together. */
export function countBits(one: number, other = 0): number {
  const free = BITS - onesIn(one, other);
  return free === 0 ? Number.POSITIVE_INFINITY : Math.round(-BITS * Math.log(free / BITS));
}

function onesIn(one: number, other: number): number {
  let ones = 0;
  for (const of of [
    (bits: number) => Math.floor(bits / HALF_SPAN),
    (bits: number) => bits % HALF_SPAN,
  ]) {
    for (let bits = of(one) | of(other); bits !== 0; bits &= bits - 1) ones++;
  }
  return ones;
}

/** Keys that are no hashes (an ASN, a country) lie close together: they are mixed first. */
function placeOf(key: number): number {
  const [high, low] = [Math.floor(key / HASH_SPAN), key % HASH_SPAN];
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return ((mixed ^ (mixed >>> 15)) >>> 0) % BITS;
}
