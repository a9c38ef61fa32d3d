// The scanner of one stream of bytes: feeds the finders from a buffer that keeps the longest secret
// between chunks, so that a secret across a border is found, and found once.

import type { Find, Finder, FindKind } from './find.ts';

const BLOCK_BYTES = 1 << 20;
// Archives hold many small files.
const FIRST_BYTES = 1 << 12;

export interface ScannerOptions {
  finders: readonly Finder[];
  /** Names of the containers this stream came out of, outermost first; default none. */
  container?: readonly string[];
  /** Bytes looked at in one go, beside the overlap; default 1 MiB. Tests make it small. */
  blockBytes?: number;
}

export interface Scanner {
  /** Bytes taken or left out so far. */
  readonly position: number;
  /** Takes the next bytes. @returns finds that are complete, by offset */
  push(chunk: Uint8Array): Find[];
  /** Leaves out the next `count` bytes, which somebody else looks at. @returns finds before them */
  skip(count: number): Find[];
  /** The stream has ended. @returns the last finds */
  end(): Find[];
}

interface Hit {
  at: number;
  length: number;
  kind: FindKind;
  what: string;
  kid: string | undefined;
}

export function openScanner(options: ScannerOptions): Scanner {
  const { finders, container = [], blockBytes = BLOCK_BYTES } = options;
  // Whole cache lines: a finder that looks at aligned places only keeps its places.
  const overlap = Math.ceil(Math.max(1, ...finders.map(({ window }) => window)) / 64) * 64;
  const capacity = overlap + blockBytes;
  let buffer = Buffer.allocUnsafe(Math.min(FIRST_BYTES, capacity));
  let filled = 0;
  let base = 0;
  // End of what was reported already; a part of a known secret is not a second secret.
  let coveredTo = 0;

  /** Looks at the buffer. A find that starts behind `settled` may be cut off and has to wait. */
  function look(settled: number): Find[] {
    const finds: Find[] = [];
    for (const hit of hitsIn(finders, buffer.subarray(0, filled))) {
      const end = base + hit.at + hit.length;
      const last = finds.at(-1);
      if (end <= coveredTo) {
        // A fingerprint inside of a PEM knows whose key that is.
        if (last !== undefined && hit.kid !== undefined) last.kid ??= hit.kid;
      } else if (hit.at < settled) {
        const length = settled === filled ? Math.min(hit.length, filled - hit.at) : hit.length;
        finds.push(toFind({ ...hit, length }, base, container));
        // A store may claim to be long; what it claims is not all taken as looked at.
        coveredTo = Math.min(end, base + hit.at + overlap);
      }
    }
    return finds;
  }

  function makeRoom(): void {
    const grown = Buffer.allocUnsafe(Math.min(capacity, buffer.length * 4));
    grown.set(buffer.subarray(0, filled));
    buffer = grown;
  }

  return {
    get position() {
      return base + filled;
    },
    push(chunk) {
      const finds: Find[] = [];
      for (let taken = 0; taken < chunk.length; ) {
        if (filled === buffer.length && filled < capacity) makeRoom();
        const part = chunk.subarray(taken, taken + buffer.length - filled);
        buffer.set(part, filled);
        filled += part.length;
        taken += part.length;
        if (filled < capacity) continue;
        finds.push(...look(filled - overlap));
        buffer.copyWithin(0, filled - overlap, filled);
        base += filled - overlap;
        filled = overlap;
      }
      return finds;
    },
    skip(count) {
      const finds = look(filled);
      base += filled + count;
      filled = 0;
      return finds;
    },
    end() {
      const finds = look(filled);
      filled = 0;
      return finds;
    },
  };
}

/** All hits by position, the longer first where two start together. */
function hitsIn(finders: readonly Finder[], bytes: Uint8Array): Hit[] {
  const hits: Hit[] = [];
  for (const finder of finders)
    finder.scan(bytes, 0, (at, length, kind, what, kid) => {
      hits.push({ at, length, kind, what, kid });
    });
  return hits.sort((left, right) => left.at - right.at || right.length - left.length);
}

function toFind({ at, length, kind, what, kid }: Hit, base: number, container: readonly string[]) {
  const find: Find = { offset: base + at, length, kind, container, what };
  if (kid !== undefined) find.kid = kid;
  return find;
}
