// What of a realm goes into a snapshot, as one row of bytes: counts, calibration and detectors. Traffic
// is of the last day only and stays what it is.

type Packed = Record<'counts' | 'calibration' | 'detectors', Uint8Array>;

const NAMES = ['counts', 'calibration', 'detectors'] as const;
const LENGTH_BYTES = 4;

export function packRealm(row: Packed): Uint8Array {
  return Buffer.concat(
    NAMES.flatMap((name) => {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(row[name].byteLength);
      return [length, row[name]];
    }),
  );
}

export function unpackRealm(bytes: Uint8Array): Packed {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const parts = NAMES.map((name) => {
    const end = at + LENGTH_BYTES + buffer.readUInt32BE(at);
    const part = buffer.subarray(at + LENGTH_BYTES, end);
    at = end;
    return [name, part] as const;
  });
  return Object.fromEntries(parts) as unknown as Packed;
}
