// Entry bundles (C2SP tlog-tiles, "Log entries"): entries one after the other, each behind its
// length in two bytes.

import { ByteReader } from '@countersign/verifier';
import { refusal } from '../watcher-error.ts';

/**
 * The entries of a bundle, as views of it.
 * @param count entries it must hold, no more and no fewer
 * @throws CodedError `log_answer_malformed`
 */
export function splitBundle(bundle: Uint8Array, count: number): Uint8Array[] {
  const reader = new ByteReader(bundle);
  const entries: Uint8Array[] = [];
  try {
    while (reader.remaining > 0 && entries.length <= count)
      entries.push(reader.bytes(reader.u16()));
  } catch (cause) {
    throw refusal('log_answer_malformed', 'An entry bundle is cut short.', { cause });
  }
  if (entries.length !== count) {
    const found = entries.length > count ? `more than ${count}` : String(entries.length);
    throw refusal('log_answer_malformed', `An entry bundle holds ${found} instead of ${count}.`);
  }
  return entries;
}
