// One witness, asked for its cosignature (C2SP tlog-witness, add-checkpoint). Nothing it answers is
// believed before it is verified, and nothing it does can hold us: each request is bounded in time
// and bytes, and the search for the size it knows ends after a few.

import {
  encodeBase64,
  FetchFailure,
  type FetchLike,
  FormatError,
  fetchBounded,
  formatNote,
  type NoteSignature,
  parseNote,
  utf8,
  verifyNote,
} from '@countersign/verifier';
import { hashOrigin } from '@countersign/watchers';
import type { WitnessPlace } from '../settings/read-witness-policy.ts';

/** Each request; Tessera gives a witness as long. */
const TIMEOUT_MS = 1000;
/** A line for each of some keys; more is no answer. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** 409s followed: it may have been asked by another copy of us, not by twenty. */
const MAX_CONFLICTS = 3;
const MAX_PROOF_LINES = 63;
/** How far its clock may be from ours. */
const MAX_SKEW_SECONDS = 60;

export type WitnessFailureCode =
  | 'unreachable'
  | 'timed_out'
  | 'refused'
  | 'answer_malformed'
  | 'signature_invalid'
  | 'clock_skew'
  | 'conflict';

/** No cosignature this time. */
export class WitnessFailure extends Error {
  readonly code: WitnessFailureCode;
  /** True when its answer may mean that it holds another history than ours. */
  readonly mayHoldOther: boolean;

  constructor(code: WitnessFailureCode, message: string, mayHoldOther = false) {
    super(message);
    this.name = 'WitnessFailure';
    this.code = code;
    this.mayHoldOther = mayHoldOther;
  }
}

export interface AskedHead {
  note: string;
  size: number;
}

export interface Cosigned {
  /** One signature line, verified. */
  line: string;
  timeSeconds: number;
}

export interface AskParts {
  fetch: FetchLike;
  nowMs(): number;
  /** Consistency proof between two published sizes. */
  prove(oldSize: number, size: number): Promise<Uint8Array[]>;
}

export class AskedWitness {
  readonly place: WitnessPlace;
  readonly #parts: AskParts;
  /** What it last cosigned, as far as we know. */
  #knownSize = 0;

  constructor(place: WitnessPlace, parts: AskParts) {
    this.place = place;
    this.#parts = parts;
  }

  /** @throws WitnessFailure; what `prove` throws */
  async cosign(head: AskedHead): Promise<Cosigned> {
    let oldSize = Math.min(this.#knownSize, head.size);
    for (let conflicts = 0; conflicts <= MAX_CONFLICTS; conflicts += 1) {
      const { status, bytes, headers } = await this.#request('/add-checkpoint', {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: await this.#body(oldSize, head),
      });
      if (status === 200) {
        const cosigned = await this.#verify(head.note, bytes);
        this.#knownSize = head.size;
        return cosigned;
      }
      if (status !== 409) throw refused(status);
      const size = readSize(bytes, headers.get('content-type'));
      // The same size again: it knows another root for it.
      if (size > head.size || size === oldSize) throw conflict(size, head.size);
      oldSize = size;
    }
    throw new WitnessFailure('conflict', 'It names another size each time it is asked.');
  }

  /** The checkpoint it holds of a log; undefined when it has none. @throws WitnessFailure */
  async held(origin: string): Promise<string | undefined> {
    const { status, bytes } = await this.#request(`/${hashOrigin(origin)}/checkpoint`, {});
    if (status === 404) return undefined;
    if (status !== 200) throw refused(status);
    return Buffer.from(bytes).toString('utf8');
  }

  async #body(oldSize: number, { note, size }: AskedHead): Promise<string> {
    // From nothing there is nothing to prove (C2SP tlog-witness).
    const proof = oldSize === 0 ? [] : await this.#parts.prove(oldSize, size);
    if (proof.length > MAX_PROOF_LINES) throw new Error('a proof has at most 63 hashes');
    return `${[`old ${oldSize}`, ...proof.map(encodeBase64), ''].join('\n')}\n${note}`;
  }

  async #request(
    path: string,
    request: { method?: 'POST'; headers?: Record<string, string>; body?: string },
  ) {
    const { fetch } = this.#parts;
    const bounds = { fetch, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES };
    try {
      return await fetchBounded(this.place.url + path, { ...bounds, ...request });
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error;
      const code = error.code === 'timed_out' ? 'timed_out' : 'unreachable';
      throw new WitnessFailure(
        error.code === 'too_large' ? 'answer_malformed' : code,
        error.message,
      );
    }
  }

  /** Picks its line out of the answer, and takes it only when it is good, and of now. */
  async #verify(note: string, answer: Uint8Array): Promise<Cosigned> {
    const { key } = this.place;
    const { text } = parseNote(note);
    const signature = readLines(text, answer).find(
      ({ name, id }) => name === key.name && Buffer.compare(id, key.id) === 0,
    );
    if (signature === undefined) {
      throw new WitnessFailure('signature_invalid', 'It did not sign with the key of the policy.');
    }
    const time = await verifyTime({ text, signatures: [signature] }, key);
    const nowSeconds = Math.floor(this.#parts.nowMs() / 1000);
    // ML-DSA-44 may state no time; then it is as of now, when we asked.
    const timeSeconds = time ?? nowSeconds;
    if (Math.abs(timeSeconds - nowSeconds) > MAX_SKEW_SECONDS) {
      throw new WitnessFailure('clock_skew', 'It cosigned as of a time that is not now.');
    }
    const line = formatNote({ text, signatures: [signature] }).slice(text.length + 1);
    return { line, timeSeconds };
  }
}

async function verifyTime(
  note: { text: string; signatures: NoteSignature[] },
  key: WitnessPlace['key'],
): Promise<number | undefined> {
  try {
    const { verified } = await verifyNote(note, [key]);
    return verified[0]?.timeSeconds;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new WitnessFailure('signature_invalid', 'Its signature is not good.');
  }
}

function readLines(text: string, answer: Uint8Array): readonly NoteSignature[] {
  try {
    const note = parseNote(Buffer.concat([utf8(`${text}\n`), answer]));
    if (note.text === text) return note.signatures;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  throw new WitnessFailure('answer_malformed', 'Its answer is not signature lines.');
}

function readSize(bytes: Uint8Array, contentType: string | null): number {
  const text = Buffer.from(bytes).toString('latin1');
  const size = /^(0|[1-9][0-9]{0,15})\n$/.test(text) ? Number(text) : Number.NaN;
  if (contentType?.split(';')[0] !== 'text/x.tlog.size' || !Number.isSafeInteger(size)) {
    throw new WitnessFailure('answer_malformed', 'Its conflict names no size.', true);
  }
  return size;
}

function refused(status: number): WitnessFailure {
  // 422: our proof or our root does not fit what it holds.
  return new WitnessFailure('refused', `It answered ${status}.`, status === 422);
}

function conflict(size: number, ours: number): WitnessFailure {
  const message = `It holds a checkpoint of ${size}; ours is of ${ours}.`;
  return new WitnessFailure('conflict', message, true);
}
