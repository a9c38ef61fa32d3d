// Checkpoints (C2SP tlog-checkpoint): origin, size and root of a log, one line each, then
// extension lines, which are kept because cosignatures cover them.

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts';
import { FormatError } from '../format-error.ts';
import { HASH_BYTES } from '../merkle/hash-node.ts';
import { MAX_NAME_BYTES } from './key-id.ts';

export interface Checkpoint {
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly extensions: readonly string[];
}

/** @throws FormatError `checkpoint_malformed`, `number_out_of_range` for a size above 2^53-1 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin = '', size = '', root = ''] = lines;
  if (lines.length < 4 || lines.at(-1) !== '') throw malformed('has fewer than three lines');
  if (origin === '' || origin.length > MAX_NAME_BYTES) throw malformed('has no sound origin');
  const hash = decodeBase64(root);
  if (hash?.length !== HASH_BYTES) throw malformed('has a root that is not 32 bytes in base64');
  const extensions = lines.slice(3, -1);
  if (extensions.includes('')) throw malformed('has an empty extension line');
  return { origin, size: parseTreeSize(size), root: hash, extensions };
}

/** The text that is signed. @throws FormatError as `parseCheckpoint` */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  const text = `${[origin, size, encodeBase64(root), ...extensions].join('\n')}\n`;
  const parsed = parseCheckpoint(text);
  if (parsed.origin !== origin || parsed.extensions.length !== extensions.length) {
    throw malformed('has a newline inside a line');
  }
  return text;
}

function parseTreeSize(text: string): number {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) throw malformed('has a size that is no plain number');
  const size = Number(text);
  if (!Number.isSafeInteger(size)) {
    throw new FormatError('number_out_of_range', 'The checkpoint has a size above 2^53-1.');
  }
  return size;
}

function malformed(what: string): FormatError {
  return new FormatError('checkpoint_malformed', `The checkpoint ${what}.`);
}
