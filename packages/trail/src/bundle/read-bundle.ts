// Reads a bundle line by line and hands each to the check it belongs to. What is not exactly a line of
// the format is a problem with its number; reading goes on, so that one report names everything.

import { Buffer } from 'node:buffer';
import { decodeAnchorLeaf, decodeBase64, FormatError } from '@countersign/verifier';
import { isCodedError } from '@countersign/vocabulary';
import { type AnchorProof, formatAnchorProof, parseAnchorProof } from '../anchor/anchor-proof.ts';
import { parseRecord } from '../canonical-record.ts';
import { TRAIL_HASH_BYTES } from '../leaf/hash-event.ts';
import { manifestOf, parseManifest, parseTombstone } from '../segment/manifest.ts';
import {
  BUNDLE_TITLE,
  LEAVES_LINE,
  MOST_LEAVES_A_LINE,
  NUMBER_LINE,
  TAIL_LINE,
} from './bundle-lines.ts';
import { SectionCheck } from './check-section.ts';
import { GapFinder } from './find-gaps.ts';
import { judgeTombstone } from './judge-tombstone.ts';
import type { ProblemList } from './list-problems.ts';
import { readEventLine } from './read-event-line.ts';
import { SegmentTrack, type TrailIdentity } from './track-segments.ts';
import type { PinWatch } from './watch-pins.ts';

const EVENT = 0x65; // e
const COMMENT = 0x23; // #
const SPACE = 0x20;

export class BundleReader {
  readonly gaps = new GapFinder();
  readonly totals = { events: 0, erased: 0, withheld: 0, deleted: 0 };
  identity: TrailIdentity | undefined;
  anchor: AnchorProof | undefined;
  track: SegmentTrack | undefined;
  ended = false;
  readonly #problems: ProblemList;
  readonly #pins: PinWatch;
  #line = 0;
  #section: SectionCheck | undefined;
  /** True after a section whose own line could not be read: what is in it says nothing. */
  #lost = false;

  constructor(problems: ProblemList, pins: PinWatch) {
    this.#problems = problems;
    this.#pins = pins;
  }

  line(bytes: Buffer, start: number, end: number): void {
    this.#line += 1;
    if (bytes[start] === EVENT && bytes[start + 1] === SPACE) this.#event(bytes, start, end);
    else if (bytes[start] !== COMMENT || this.#line === 1) {
      if (!this.#other(bytes.toString('utf8', start, end))) this.#malformed();
    }
  }

  /** Closes what is open: the file ends here. */
  finish(): void {
    this.#closeSection(!this.ended);
  }

  #event(bytes: Buffer, start: number, end: number): void {
    const block = this.#section?.block;
    const read = readEventLine(bytes, start, end);
    if (read === undefined || (block === undefined && !this.#lost) || this.ended) {
      this.#malformed();
    } else if (block?.event(read.number, read.leaf)) {
      this.gaps.look(bytes, read.textAt, end, read.number);
    }
  }

  /** @returns false for a line that is not of the format, or not in its place */
  #other(text: string): boolean {
    if (this.#line === 1) return text === BUNDLE_TITLE;
    if (this.ended) return false;
    const space = text.indexOf(' ');
    const kind = text.slice(0, Math.max(0, space));
    const rest = text.slice(space + 1);
    try {
      return this.#known(kind, rest);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return false;
    }
  }

  #known(kind: string, rest: string): boolean {
    if (kind === 'trail') return this.#trail(rest);
    if (kind === 'anchor') return this.#anchor(rest);
    if (this.track === undefined || this.anchor === undefined) return false;
    if (kind === 'segment' || kind === 'tombstone' || kind === 'tail') {
      return this.#open(this.track, kind, rest);
    }
    if (kind === 'end') return this.#end(rest);
    if (this.#lost) return true;
    if (kind === 'leaves') return this.#leaves(rest);
    if (kind === 'x') {
      return NUMBER_LINE.test(rest) && this.#section?.block?.erased(Number(rest)) === true;
    }
    const numbers = kind === 'h' ? TAIL_LINE.exec(rest) : null;
    if (numbers === null) return false;
    return this.#section?.block?.withheld(Number(numbers[1]), Number(numbers[2])) === true;
  }

  #trail(rest: string): boolean {
    if (this.identity !== undefined) return false;
    const record = parseRecord(rest, { v: 'version', instance: 'name', tenant: 'name' });
    this.identity = { instance: String(record['instance']), tenant: String(record['tenant']) };
    this.track = new SegmentTrack(this.identity, this.#problems, this.#pins);
    return true;
  }

  #anchor(rest: string): boolean {
    if (this.identity === undefined || this.anchor !== undefined) return false;
    const proof = parseAnchorProof(rest);
    if (formatAnchorProof(proof) !== rest) return false;
    this.anchor = proof;
    return true;
  }

  #open(track: SegmentTrack, kind: 'segment' | 'tombstone' | 'tail', rest: string): boolean {
    this.#closeSection();
    this.#lost = true;
    if (kind === 'tail') return this.#openTail(track, rest);
    const tombstone = kind === 'tombstone' ? parseTombstone(rest) : undefined;
    const frame = track.open(tombstone === undefined ? parseManifest(rest) : manifestOf(tombstone));
    this.#lost = false;
    if (tombstone === undefined) {
      this.#section = new SectionCheck(frame, this.#problems, this.#pins);
    } else {
      const problem = judgeTombstone(tombstone, this.#anchoredMs());
      if (problem !== undefined) this.#problems.add(problem);
      const deleted = frame.last - frame.first + 1;
      this.totals.deleted += deleted;
      track.close(frame, { events: 0, erased: 0, withheld: 0, state: 'withheld' });
    }
    return true;
  }

  #anchoredMs(): number | undefined {
    try {
      return this.anchor && decodeAnchorLeaf(this.anchor.leaf).atMs;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return undefined;
    }
  }

  #openTail(track: SegmentTrack, rest: string): boolean {
    const numbers = TAIL_LINE.exec(rest);
    const first = Number(numbers?.[1]);
    const last = Number(numbers?.[2]);
    if (numbers === null || first !== track.count + 1 || last < first) return false;
    const { entry } = this.anchor as AnchorProof;
    const headAfter = last === entry.count ? entry.head : undefined;
    const frame = {
      first,
      last,
      headBefore: track.head,
      segment: undefined,
      root: undefined,
      headAfter,
    };
    this.#section = new SectionCheck(frame, this.#problems, this.#pins);
    this.#lost = false;
    return true;
  }

  #leaves(rest: string): boolean {
    const found = LEAVES_LINE.exec(rest);
    const bytes = decodeBase64(found?.[2] ?? '');
    if (bytes === undefined || bytes.length === 0) return false;
    const count = bytes.length / TRAIL_HASH_BYTES;
    if (!Number.isInteger(count) || count > MOST_LEAVES_A_LINE) return false;
    return this.#section?.leaves(Number(found?.[1]), Buffer.from(bytes.buffer)) === true;
  }

  #end(rest: string): boolean {
    this.#closeSection();
    this.ended = NUMBER_LINE.test(rest);
    // Where something is wrong already, the sum is wrong with it.
    const adds = Number(rest) === this.totals.events || this.#problems.all.length > 0;
    return this.ended && adds;
  }

  #closeSection(cut = false): void {
    const section = this.#section;
    this.#section = undefined;
    if (section === undefined || this.track === undefined) return;
    const end = section.close(cut);
    for (const name of ['events', 'erased', 'withheld'] as const) this.totals[name] += end[name];
    if (section.frame.segment === undefined) this.track.count = section.frame.last;
    this.track.close(section.frame, end);
  }

  #malformed(): void {
    this.#problems.add({
      ...{ fault: 'invalid', alteration: 'malformed', level: 'bundle', line: this.#line },
      message: 'A line is not of the format, or not in its place.',
    });
  }
}
