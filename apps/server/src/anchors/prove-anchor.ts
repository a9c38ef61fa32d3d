// What a tenant keeps to hold us to our word later: its newest anchor entry, with the proof that it is
// in the log. It is checked before it is handed out, as whoever receives it will.

import type { AnchorBook, KeptAnchor } from '@countersign/archive';
import { type AnchorProof, buildAnchorTree } from '@countersign/trail';
import {
  formatTlogProof,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  verifyTlogProof,
} from '@countersign/verifier';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import { type LogReader, readInclusionProof } from '@countersign/watchers';

/** A log of the house, as the world reads it. */
export interface ReadableLog {
  origin: string;
  checkpointKey: string;
  reader: LogReader;
}

export interface AnchorProver {
  /** Undefined while no anchor with the tenant in it is under a checkpoint. */
  prove(tenant: string): Promise<AnchorProof | undefined>;
}

/** Of several logs one may be away: then an older anchor, in another log, is what can be proven. */
export function createAnchorProver(book: AnchorBook, logs: readonly ReadableLog[]): AnchorProver {
  return {
    async prove(tenant) {
      const latest = await book.latest();
      if (latest === undefined) return undefined;
      const first = logs.filter(({ origin }) => origin === latest.logOrigin);
      const others = logs.filter(({ origin }) => origin !== latest.logOrigin);
      let away: unknown;
      for (const log of [...first, ...others]) {
        try {
          const proof = await proveBy(book, log, tenant);
          if (proof !== undefined) return proof;
        } catch (error) {
          if (!isCodedError(error)) throw error;
          away ??= error;
        }
      }
      if (away === undefined) return undefined;
      const message = 'The log that holds the newest anchor cannot be read. Try again.';
      throw new CodedError('log_away', message, { retryAfterSeconds: 5, cause: away });
    },
  };
}

async function proveBy(
  book: AnchorBook,
  log: ReadableLog,
  tenant: string,
): Promise<AnchorProof | undefined> {
  const note = await log.reader.checkpoint();
  const { size } = parseCheckpoint(parseNote(note).text);
  const anchor = await book.latestBelow(log.origin, size);
  return anchor && (await proveIn(book, log, { anchor, note, size, tenant }));
}

interface ProofRequest {
  anchor: KeptAnchor;
  /** The signed checkpoint, and the size in it. */
  note: string;
  size: number;
  tenant: string;
}

async function proveIn(
  book: AnchorBook,
  { origin, checkpointKey, reader }: ReadableLog,
  { anchor, note, size, tenant }: ProofRequest,
): Promise<AnchorProof | undefined> {
  const entries = await book.entriesOf(anchor.anchor);
  const entry = entries.find((one) => one.tenant === tenant);
  if (entry === undefined) return undefined;
  const place = buildAnchorTree(entries).prove(tenant);
  if (place === undefined) return undefined;
  const { logIndex: index, leaf } = anchor;
  const proof = await readInclusionProof(reader, index, size);
  const log = formatTlogProof({ index, proof, checkpoint: note });
  await verifyTlogProof(log, leaf, { origin, logKey: parseVerifierKey(checkpointKey) });
  return { entry, place, leaf, log };
}
