// What the fuzzer holds the text formats to: whatever is accepted has exactly one spelling.

import assert from 'node:assert/strict';
import { formatTilePath, parseTilePath } from '@countersign/transparency';
import {
  createNoteKey,
  encodeBase64,
  FormatError,
  formatCheckpoint,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  parseVerifierKey,
} from '@countersign/verifier';
import {
  type AddCheckpoint,
  parseAddCheckpoint,
} from '../../packages/watchers/src/witness/parse-request.ts';
import { WitnessRefusal } from '../../packages/watchers/src/witness/witness-answer.ts';
import type { FuzzTarget } from './fuzz.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const HASH = new Uint8Array(32).fill(1);
const KEY = 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=';
const BLOB = 'AAAAAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=';
const NOTE = `log.example/log\n12\n${KEY}\n\n— log.example/log ${BLOB}\n— witness.example ${BLOB}\n`;

/**
 * A text format whose reader and writer are each other's reverse.
 * @param before what a broken reader would do to the input first; the canary's planted fault
 */
function textTarget<Value>(
  name: string,
  corpus: string[],
  format: { parse(text: string): Value | undefined; write(value: Value): string },
  before: (text: string) => string = (text) => text,
): FuzzTarget {
  return {
    name,
    corpus: corpus.map(bytes),
    accepts: (input) => {
      const text = Buffer.from(input).toString('utf8');
      let value: Value | undefined;
      try {
        value = format.parse(before(text));
      } catch (error) {
        if (!(error instanceof FormatError || error instanceof WitnessRefusal)) throw error;
        return false;
      }
      if (value === undefined) return false;
      assert.equal(format.write(value), text);
      return true;
    },
  };
}

const note = { parse: (text: string) => parseNote(text), write: formatNote };
const checkpoint = { parse: parseCheckpoint, write: formatCheckpoint };
const tilePath = { parse: parseTilePath, write: formatTilePath };
const tlogProof = { parse: parseTlogProof, write: formatTlogProof };
const request = {
  parse: (text: string) => parseAddCheckpoint(bytes(text)),
  write: ({ oldSize, proof, note: signed }: AddCheckpoint) =>
    [`old ${oldSize}`, ...proof.map(encodeBase64), '', formatNote(signed)].join('\n'),
};
const verifierKey = { parse: parseVerifierKey, write: formatVerifierKey };

const NOTES = [NOTE, `a\n\nb\n\n— x ${BLOB}\n`];
const CHECKPOINTS = [
  `log.example/log\n12\n${KEY}\n`,
  `log.example/log\n9007199254740991\n${KEY}\nan extension\n`,
];
const PATHS = [
  'tile/0/000',
  'tile/63/x001/x234/067',
  'tile/entries/x001/000.p/255',
  'tile/1/x999/999.p/1',
];
const KEYS = [
  formatVerifierKey(createNoteKey('log.example/log', 'ed25519', new Uint8Array(32).fill(1))),
];

const PROOFS = [
  formatTlogProof({ index: 4, proof: [HASH, HASH], checkpoint: NOTE }),
  formatTlogProof({ index: 4, proof: [HASH], checkpoint: NOTE, extra: HASH }),
];
const REQUESTS = [`old 0\n\n${NOTE}`, `old 7\n${KEY}\n${KEY}\n\n${NOTE}`];

export const textTargets = (): FuzzTarget[] => [
  textTarget('signed note', NOTES, note),
  textTarget('checkpoint', CHECKPOINTS, checkpoint),
  textTarget('tile path', PATHS, tilePath),
  textTarget('verifier key', KEYS, verifierKey),
  textTarget('tlog-proof', PROOFS, tlogProof),
  textTarget('request to a witness', REQUESTS, request),
];

/** The same with a fault planted in the reader: each must be found. */
export const textCanaries = (): FuzzTarget[] => [
  textTarget('signed note that forgives spaces at the end of a line', NOTES, note, (text) =>
    text.replace(/ +\n/g, '\n'),
  ),
  textTarget('checkpoint that forgives leading zeros', CHECKPOINTS, checkpoint, (text) =>
    text.replace(/\n0+(?=[1-9])/, '\n'),
  ),
  textTarget('tile path that forgives a zero before its width', PATHS, tilePath, (text) =>
    text.replace('.p/0', '.p/'),
  ),
  textTarget('verifier key that forgives capitals in its id', KEYS, verifierKey, (text) =>
    text.toLowerCase() === text ? text : text.replace(/\+[0-9A-F]{8}\+/i, (id) => id.toLowerCase()),
  ),
  textTarget('tlog-proof that forgives empty lines before its index', PROOFS, tlogProof, (text) =>
    text.replace(/\n+index /, '\nindex '),
  ),
  textTarget('request to a witness that forgives empty lines', REQUESTS, request, (text) =>
    text.replace(/^(old [0-9]+)\n{3}/, '$1\n\n'),
  ),
];
