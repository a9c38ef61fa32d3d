// Numbers into bytes, one after the other, little-endian. Whoever writes knows the order that
// `NumbersIn` reads.

const SMALLEST = 256;

export class NumbersOut {
  #view = new DataView(new ArrayBuffer(SMALLEST));
  #end = 0;

  u8(value: number): this {
    this.#room(1).setUint8(this.#end, value);
    this.#end += 1;
    return this;
  }

  u32(value: number): this {
    this.#room(4).setUint32(this.#end, value, true);
    this.#end += 4;
    return this;
  }

  f32(value: number): this {
    this.#room(4).setFloat32(this.#end, value, true);
    this.#end += 4;
    return this;
  }

  f64(value: number): this {
    this.#room(8).setFloat64(this.#end, value, true);
    this.#end += 8;
    return this;
  }

  raw(bytes: Uint8Array): this {
    const view = this.#room(bytes.length);
    new Uint8Array(view.buffer).set(bytes, this.#end);
    this.#end += bytes.length;
    return this;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer.slice(0, this.#end));
  }

  #room(more: number): DataView {
    if (this.#end + more <= this.#view.byteLength) return this.#view;
    const longer = new Uint8Array(Math.max(2 * this.#view.byteLength, this.#end + more));
    longer.set(new Uint8Array(this.#view.buffer, 0, this.#end));
    this.#view = new DataView(longer.buffer);
    return this.#view;
  }
}
