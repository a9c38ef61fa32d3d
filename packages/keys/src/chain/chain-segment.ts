// One file of a chained record: a head that says where it stands, then a line for each entry. Every
// line is bound to all lines before it under a key that only the passphrase gives, so whoever writes
// here without it can leave lines off the end, and can neither change, add, drop nor move one.

import { createHmac, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readAt } from '../disk/read-at.ts';
import { type CustodyRefusal, custodyRefusal } from '../keys-error.ts';

/** Of which record a chain is: lines of one do not pass for lines of the other. */
export type ChainName = 'lives' | 'access' | 'ended';

export interface ChainKey {
  name: ChainName;
  key: KeyObject;
}

export interface SegmentPlace {
  firstNumber: number;
  /** Of two segments with one first number, the later epoch counts; the other was given up. */
  epoch: number;
  path: string;
}

export interface ReadSegment {
  /** Tag of the line before the first, as the head tells it. */
  after: string;
  lines: unknown[];
  /** Tag of each line. */
  tags: string[];
  /** Where each line begins, in bytes, and at last where the next would. */
  offsets: number[];
  headTag: string;
  /** It says all that the segments before it said, which are of no use any more. */
  isAnew: boolean;
}

/** Where one line lies: enough to read it again alone, and to know that it is still what it was. */
export interface LineSpot {
  path: string;
  offset: number;
  bytes: number;
  /** Tag of the line before. */
  before: string;
}

/** A line is its tag (HMAC-SHA256, base64url), a space, JSON and a line end. */
const LINE = /^([A-Za-z0-9_-]{43}) (.+)$/s;
const NUL = '\0';

const headSchema = z.strictObject({
  log: z.string(),
  first: z.int(),
  epoch: z.int(),
  after: z.string(),
  anew: z.literal(true).exactOptional(),
});

/** Before the first line of all. */
export const NO_TAG = '';

/** @param isAnew see ReadSegment */
export function encodeHead(
  chain: ChainKey,
  place: SegmentPlace,
  after: string,
  isAnew = false,
): EncodedLine {
  const { firstNumber: first, epoch } = place;
  const head = { log: chain.name, first, epoch, after, ...(isAnew ? { anew: true } : {}) };
  return encode(chain.key, 'head', '', JSON.stringify(head));
}

export interface EncodedLine {
  text: string;
  tag: string;
}

export function encodeLine(chain: ChainKey, before: string, value: unknown): EncodedLine {
  return encode(chain.key, 'line', before, JSON.stringify(value));
}

function encode(key: KeyObject, kind: string, before: string, json: string): EncodedLine {
  const tag = tagOf(key, kind, before, json);
  return { text: `${tag} ${json}\n`, tag };
}

function tagOf(key: KeyObject, kind: string, before: string, json: string): string {
  return createHmac('sha256', key).update(`${kind} ${before} ${json}`).digest('base64url');
}

/**
 * Reads a segment up to, not including, `endNumber`. A last line that was being written when the
 * process died is not there: nobody was answered for it.
 * @throws CodedError `key_life_corrupt`, `access_corrupt`, `ended_keys_corrupt`
 */
export function readSegment(
  chain: ChainKey,
  place: SegmentPlace,
  endNumber = Number.POSITIVE_INFINITY,
): ReadSegment {
  const texts = wholeLines(readFileSync(place.path, 'utf8'));
  const head = parseLine(chain, 'head', '', texts[0]);
  const said = headSchema.safeParse(head?.value).data;
  if (
    head === undefined ||
    said?.log !== chain.name ||
    said.first !== place.firstNumber ||
    said.epoch !== place.epoch
  ) {
    throw damaged(chain.name, place.path);
  }
  const read: ReadSegment = {
    ...{ after: said.after, lines: [], tags: [], offsets: [], headTag: head.tag },
    isAnew: said.anew === true,
  };
  let before = head.tag;
  let offset = Buffer.byteLength(texts[0] as string) + 1;
  read.offsets.push(offset);
  for (const text of texts.slice(1)) {
    if (place.firstNumber + read.lines.length >= endNumber) break;
    const line = parseLine(chain, 'line', before, text);
    if (line === undefined) throw damaged(chain.name, place.path);
    read.lines.push(line.value);
    read.tags.push(line.tag);
    before = line.tag;
    offset += Buffer.byteLength(text) + 1;
    read.offsets.push(offset);
  }
  return read;
}

/** Reads one line again. @throws CodedError as `readSegment` when it is not what it was */
export function readLine(chain: ChainKey, { path, offset, bytes, before }: LineSpot): unknown {
  const text = readAt(path, offset, bytes).toString('utf8', 0, bytes - 1);
  const line = parseLine(chain, 'line', before, text);
  if (line === undefined) throw damaged(chain.name, path);
  return line.value;
}

/** What follows the last line end was cut short; a last line with holes in it as well. */
function wholeLines(text: string): string[] {
  const lines = text.split('\n').slice(0, -1);
  if (lines.length > 1 && lines.at(-1)?.includes(NUL)) lines.pop();
  return lines;
}

function parseLine(
  { key }: ChainKey,
  kind: string,
  before: string,
  text: string | undefined,
): { value: unknown; tag: string } | undefined {
  const [, tag, json] = LINE.exec(text ?? '') ?? [];
  if (tag === undefined || json === undefined) return undefined;
  if (tagOf(key, kind, before, json) !== tag) return undefined;
  return { value: JSON.parse(json), tag };
}

const ADVICE: Readonly<Record<ChainName, string>> = {
  lives:
    'Restore the folder lives/ from a backup: a key of which nobody knows whether it was revoked does not sign.',
  access:
    'Restore the folder access/ from a backup, or move it away, and tell whoever keeps the audit record that it begins anew.',
  ended:
    'Restore the folder ended/ from a backup: the public halves and the ends of all keys that are over are in it.',
};
const CODE: Readonly<Record<ChainName, CustodyRefusal>> = {
  lives: 'key_life_corrupt',
  access: 'access_corrupt',
  ended: 'ended_keys_corrupt',
};

export function damaged(name: ChainName, path: string): Error {
  return custodyRefusal(
    CODE[name],
    `The record of ${name} is damaged, or was changed by someone without the passphrase: see ${path}. ${ADVICE[name]}`,
  );
}
