// The frames that a parent and its confined children exchange over the child's stdin and stdout.
// One frame: u32 length of the rest | u32 request id | u8 op | body. Integers are big-endian.

import { CodedError } from '@countersign/vocabulary';

/** A frame longer than this ends the conversation: nothing legitimate comes near it. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const LENGTH_BYTES = 4;
const ID_AND_OP_BYTES = 5;

export interface Frame {
  id: number;
  op: number;
  body: Uint8Array;
}

/** Bytes of one frame on the wire. @throws CodedError `bad_frame` when the body is too long. */
export function encodeFrame({ id, op, body }: Frame): Buffer {
  const rest = ID_AND_OP_BYTES + body.length;
  if (rest > MAX_FRAME_BYTES) {
    throw new CodedError('bad_frame', `A frame holds at most ${MAX_FRAME_BYTES} bytes.`);
  }
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + rest);
  bytes.writeUInt32BE(rest, 0);
  bytes.writeUInt32BE(id, 4);
  bytes.writeUInt8(op, 8);
  bytes.set(body, 9);
  return bytes;
}

/** Cuts a byte stream into frames; keeps at most one unfinished frame. */
export class FrameReader {
  readonly #maxBytes: number;
  #pending: Buffer = Buffer.alloc(0);

  /** @param maxBytes longest frame to take; default and most `MAX_FRAME_BYTES` */
  constructor(maxBytes = MAX_FRAME_BYTES) {
    this.#maxBytes = Math.min(maxBytes, MAX_FRAME_BYTES);
  }

  /**
   * Takes the next bytes and returns the frames they complete. Bodies are copies, so that a
   * frame kept for later does not pin the chunk it came in.
   * @throws CodedError `bad_frame` on a length outside the limits; the stream is then useless.
   */
  push(chunk: Uint8Array): Frame[] {
    const bytes =
      this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    let offset = 0;
    while (bytes.length - offset >= LENGTH_BYTES) {
      const rest = bytes.readUInt32BE(offset);
      if (rest < ID_AND_OP_BYTES || rest > this.#maxBytes) {
        throw new CodedError(
          'bad_frame',
          'The other process sent a frame of an impossible length.',
        );
      }
      const end = offset + LENGTH_BYTES + rest;
      if (end > bytes.length) break;
      frames.push({
        id: bytes.readUInt32BE(offset + 4),
        op: bytes.readUInt8(offset + 8),
        body: new Uint8Array(bytes.subarray(offset + 9, end)),
      });
      offset = end;
    }
    this.#pending = offset === bytes.length ? Buffer.alloc(0) : bytes.subarray(offset);
    return frames;
  }

  /** Bytes of a frame that has begun and not ended. */
  get pendingBytes(): number {
    return this.#pending.length;
  }
}
