// What the verification of CloudTrail digests is given, and what it tells: invalid (changed, moved, not
// signed), missing (promised and not there) and gap (nothing was promised for a while), apart.

import type { DigestKey } from './read-public-keys.ts';

export interface DigestFolder {
  /** Paths of all files below the folder, with `/`. */
  paths: readonly string[];
  /** The bytes of a file as they lie there. */
  open(path: string): AsyncIterable<Uint8Array>;
  /** Hex of `x-amz-meta-signature`, where it was kept beside the digest. */
  signatureOf(path: string): Promise<string | undefined>;
}

export interface DigestFinding {
  code: 'invalid' | 'missing' | 'gap';
  what: 'digest' | 'log file' | 'signature' | 'period';
  /** The object in its bucket, or the path of a file that names none. */
  file: string;
  reason: string;
}

export interface VerifiedChain {
  chain: string;
  backfill: boolean;
  fromMs: number;
  untilMs: number;
  digests: number;
  validDigests: number;
  logFiles: number;
  validLogFiles: number;
  /** An earlier digest is named that was not given: what was before is not told of here. */
  goesFurtherBack: boolean;
}

export interface DigestReport {
  ok: boolean;
  chains: VerifiedChain[];
  findings: DigestFinding[];
  /** Log files that no valid digest lists: an hour not ended, or slipped in. */
  unlisted: string[];
}

export interface VerifyOptions {
  keys: readonly DigestKey[];
  /** The log must reach at least so far back, and so far on; else what is not there is missing. */
  fromMs?: number;
  untilMs?: number;
  onProgress?(files: number): void;
}

export function found(
  code: DigestFinding['code'],
  what: DigestFinding['what'],
  file: string,
  reason: string,
): DigestFinding {
  return { code, what, file, reason };
}
