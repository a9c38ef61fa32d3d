import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeFrame, FrameReader, MAX_FRAME_BYTES } from './frame.ts';

const frames = fc.array(
  fc.record(
    {
      id: fc.integer({ min: 0, max: 0xffff_ffff }),
      op: fc.integer({ min: 0, max: 255 }),
      body: fc.uint8Array({ maxLength: 200 }),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 20 },
);

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (sent, cuts) => {
          const stream = Buffer.concat(sent.map(encodeFrame));
          const reader = new FrameReader();
          const got = [];
          for (let offset = 0, turn = 0; offset < stream.length; turn += 1) {
            const step = cuts[turn % cuts.length] as number;
            got.push(...reader.push(stream.subarray(offset, offset + step)));
            offset += step;
          }
          assert.deepEqual(got, sent);
          assert.equal(reader.pendingBytes, 0);
        },
      ),
    );
  });

  it('of an impossible length end the conversation', () => {
    for (const length of [0, 4, MAX_FRAME_BYTES + 1, 0xffff_ffff]) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(length);
      assert.throws(() => new FrameReader().push(bytes), { code: 'bad_frame' });
    }
  });

  it('longer than the limit are not sent', () => {
    const body = new Uint8Array(MAX_FRAME_BYTES);
    assert.throws(() => encodeFrame({ id: 1, op: 1, body }), { code: 'bad_frame' });
  });

  it('keep their bodies apart from the chunk they came in', () => {
    const chunk = encodeFrame({ id: 1, op: 1, body: Buffer.from('abc') });
    const [frame] = new FrameReader().push(chunk);
    chunk.fill(0);
    assert.equal(Buffer.from(frame?.body ?? []).toString(), 'abc');
  });
});
