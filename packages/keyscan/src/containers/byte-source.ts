// A stream of bytes that is read by need: so many to look at, so many to take, the rest as it
// comes. What was taken can be given back once.

export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;
  #pulledBytes = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes that were taken and not given back. */
  get takenBytes(): number {
    return this.#pulledBytes - this.#held.length;
  }

  /** The next bytes without taking them; fewer than `count` only at the end. */
  async peek(count: number): Promise<Buffer> {
    while (this.#held.length < count && !this.#ended) {
      const more = await this.#pull();
      if (more !== undefined)
        this.#held = this.#held.length === 0 ? more : Buffer.concat([this.#held, more]);
    }
    return this.#held.subarray(0, count);
  }

  /** Takes `count` bytes, fewer only at the end. For headers: it holds them all. */
  async take(count: number): Promise<Buffer> {
    const bytes = await this.peek(count);
    this.#held = this.#held.subarray(bytes.length);
    return bytes;
  }

  /** Takes what is there, at most `most` bytes; nothing at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    const bytes = this.#held.length > 0 ? this.#held : await this.#pull();
    if (bytes === undefined) return undefined;
    this.#held = bytes.subarray(most);
    return bytes.subarray(0, most);
  }

  giveBack(bytes: Buffer): void {
    const held = this.#held;
    const adjoins =
      bytes.buffer === held.buffer && bytes.byteOffset + bytes.length === held.byteOffset;
    if (held.length === 0) this.#held = bytes;
    // What was one chunk is made whole without a copy.
    else if (adjoins)
      this.#held = Buffer.from(held.buffer, bytes.byteOffset, bytes.length + held.length);
    else this.#held = Buffer.concat([bytes, held]);
  }

  /** The next `count` bytes as a source of their own; it ends early where this one does. */
  part(count: number): ByteSource {
    return new ByteSource(this.#next(count));
  }

  async *#next(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      const bytes = await this.some(left);
      if (bytes === undefined) return;
      left -= bytes.length;
      yield bytes;
    }
  }

  async #pull(): Promise<Buffer | undefined> {
    while (!this.#ended) {
      const { done, value } = await this.#chunks.next();
      if (done === true) this.#ended = true;
      else if (value.length > 0) {
        this.#pulledBytes += value.length;
        return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      }
    }
    return undefined;
  }
}
