// Gives every different text a small number, by its 53-bit hash: 12 bytes a slot, no text kept. Of five
// million different values the chance that any two share a number is about one in 700.

const EMPTY = -1;
const FULLEST = 0.6;

export class DenseIds {
  #keys = new Float64Array(1024).fill(EMPTY);
  #ids = new Uint32Array(1024);
  #size = 0;

  /** How many different ones there were; ids are 1 to this. */
  get size(): number {
    return this.#size;
  }

  /** @param hash whole, 0 … 2^53 − 1 */
  idOf(hash: number): number {
    let slot = this.#slotOf(hash);
    if (this.#keys[slot] === hash) return this.#ids[slot]!;
    if (this.#size + 1 > this.#keys.length * FULLEST) {
      this.#grow();
      slot = this.#slotOf(hash);
    }
    this.#size++;
    this.#keys[slot] = hash;
    this.#ids[slot] = this.#size;
    return this.#size;
  }

  #slotOf(hash: number): number {
    const mask = this.#keys.length - 1;
    let slot = (hash % 0x7fffffff) & mask;
    while (this.#keys[slot] !== EMPTY && this.#keys[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, ids] = [this.#keys, this.#ids];
    this.#keys = new Float64Array(keys.length * 2).fill(EMPTY);
    this.#ids = new Uint32Array(keys.length * 2);
    for (let from = 0; from < keys.length; from++) {
      if (keys[from] === EMPTY) continue;
      const slot = this.#slotOf(keys[from]!);
      this.#keys[slot] = keys[from]!;
      this.#ids[slot] = ids[from]!;
    }
  }
}

/** Two 32-bit FNV-1a hashes of the bytes, folded into 53 bits. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let [one, other] = [0x811c9dc5, 0x1b873593];
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    one = Math.imul(one ^ byte, 0x01000193);
    other = Math.imul(other ^ byte, 0x85ebca6b);
  }
  one ^= one >>> 15;
  other ^= other >>> 13;
  return (one >>> 0) * 2 ** 21 + ((other >>> 0) & 0x1fffff);
}
