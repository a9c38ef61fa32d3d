// The tlog-policy (C2SP) that whoever reads our logs from outside looks at once and pins: each log
// with its key and its place, and how many witnesses must have cosigned a checkpoint.

import type { HouseLog } from '../logs/learn-logs.ts';

/** @param witnesses rules without addresses, as verifiers get them; absent when nobody is asked */
export function formatLogPolicy(
  logs: readonly Pick<HouseLog, 'url' | 'keys'>[],
  witnesses: string | undefined,
): string {
  const lines = logs.map(({ url, keys }) => `log ${keys.checkpointKey} ${url}\n`);
  return `${lines.join('')}${witnesses ?? 'quorum none\n'}`;
}
