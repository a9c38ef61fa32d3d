// Finds what other finders find, inside of base64, base64url (RFC 4648 §4, §5), hex and lists of numbers. Runs are
// unwrapped side by side into one sheet, so that a thousand short ones cost one look.

import type { Finder, Report } from '../find.ts';
import { eachRandomPart } from '../random-parts.ts';
import { eachNumbers } from './find-numbers.ts';
import { eachHexPart, eachRun, type Run } from './find-runs.ts';
import { eachSpaced } from './find-spaced.ts';

const SHEET_BYTES = 1 << 18;
/** In longer runs, whole files, a shift is looked for at their beginning only. */
const SHIFTED_LETTERS = 1 << 13;
const GAP_BYTES = 2;

/** One run as it was unwrapped: bytes of the sheet, and how they were written. */
interface Piece {
  run: Run;
  start: number;
  end: number;
  /** Letters left out before the first byte. */
  phase: number;
  coding: 'base64' | 'hex';
}

/**
 * @param inner finders of what may be wrapped
 * @param depth how often it may be wrapped in itself; default 2
 */
export function wrappedFinder(inner: readonly Finder[], depth = 2): Finder {
  const longest = Math.max(...inner.map(({ window }) => window));
  const finders = depth > 1 ? [...inner, wrappedFinder(inner, depth - 1)] : inner;
  return {
    // Hex doubles what it wraps.
    window: longest * 2,
    scan(bytes, from, report) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const sheet = new Sheet(finders, report, Math.min(SHEET_BYTES, bytes.length * 4));
      eachRun(buffer, from, (run) => {
        const letters = lettersOf(buffer, run);
        eachHexPart(letters, (start, end) => {
          for (const phase of [start, start + 1])
            sheet.unwrap(run, letters.toString('latin1', phase, end), phase, 'hex');
        });
        eachRandomPart(letters, (start, end) => unwrapPart(sheet, run, letters, start, end));
      });
      eachSpaced(buffer, from, (run) =>
        sheet.unwrap(run, lettersOf(buffer, run).toString('latin1'), 0, 'hex'),
      );
      eachNumbers(buffer, from, (run, hex) => sheet.unwrap(run, hex, 0, 'hex'));
      sheet.look();
    },
  };
}

/** Letters of base64 in fours from the run's first; a name or a path before them shifts the fours. */
function unwrapPart(sheet: Sheet, run: Run, letters: Buffer, start: number, end: number): void {
  const straight = (start + 3) & ~3;
  // The border of a chunk may have cut the run, and its first letter is then any of four.
  const cut = run.lines[0]?.start === 0;
  for (let phase = start; phase < start + 4; phase += 1) {
    const stop = cut || phase === straight ? end : Math.min(end, phase + SHIFTED_LETTERS);
    sheet.unwrap(run, letters.toString('latin1', phase, stop), phase, 'base64');
  }
}

function lettersOf(buffer: Buffer, { lines }: Run): Buffer {
  const parts = lines.map(({ start, end }) => buffer.subarray(start, end));
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}

class Sheet {
  readonly #finders: readonly Finder[];
  readonly #report: Report;
  readonly #sheetBytes: number;
  #bytes: Buffer | undefined;
  #filled = 0;
  #pieces: Piece[] = [];

  constructor(finders: readonly Finder[], report: Report, sheetBytes: number) {
    this.#sheetBytes = sheetBytes;
    this.#finders = finders;
    this.#report = report;
  }

  /** @param text the letters of the run from the one numbered `phase` on */
  unwrap(run: Run, text: string, phase: number, coding: Piece['coding']): void {
    const most = Math.ceil(text.length * 0.75) + GAP_BYTES;
    if (this.#bytes === undefined || this.#filled + most > this.#bytes.length) {
      this.look();
      this.#bytes = Buffer.allocUnsafe(Math.max(this.#sheetBytes, most));
    }
    const start = this.#filled;
    const end = start + this.#bytes.write(text, start, coding);
    this.#bytes.fill(0, end, end + GAP_BYTES);
    this.#filled = end + GAP_BYTES;
    this.#pieces.push({ run, start, end, phase, coding });
  }

  /** Looks at what is on the sheet, and begins a new one. */
  look(): void {
    if (this.#bytes !== undefined && this.#filled > 0) {
      const bytes = this.#bytes.subarray(0, this.#filled);
      for (const finder of this.#finders)
        finder.scan(bytes, 0, (at, length, kind, what, kid) => {
          const piece = this.#pieceAt(at);
          if (piece === undefined) return;
          const stop = Math.min(at + length, piece.end);
          const start = placeOf(piece, at - piece.start, 'first');
          const end = placeOf(piece, stop - 1 - piece.start, 'last') + 1;
          this.#report(
            start,
            end - start,
            kind,
            `${what}, in ${piece.run.numbers ? 'numbers' : piece.coding}`,
            kid,
          );
        });
    }
    this.#filled = 0;
    this.#pieces = [];
  }

  #pieceAt(at: number): Piece | undefined {
    let low = 0;
    for (let high = this.#pieces.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((this.#pieces[middle] as Piece).start <= at) low = middle;
      else high = middle;
    }
    const piece = this.#pieces[low];
    return piece !== undefined && at >= piece.start && at < piece.end ? piece : undefined;
  }
}

/** Where the first or the last letter of an unwrapped byte stands in the text. */
function placeOf({ run, phase, coding }: Piece, byte: number, which: 'first' | 'last'): number {
  const later = which === 'last' ? 1 : 0;
  let letter = coding === 'hex' ? byte * 2 + later : Math.floor(byte / 3) * 4 + (byte % 3) + later;
  letter += phase;
  for (const { start, end } of run.lines) {
    if (letter < end - start) return start + letter;
    letter -= end - start;
  }
  throw new RangeError('A byte was unwrapped from no letter.');
}
