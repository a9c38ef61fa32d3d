// Those who look at our logs from outside while the house runs: the witnesses, who are asked for
// cosignatures and know first of all whether a log is still whole, and our own monitor.

import { join } from 'node:path';
import type { NotaryClient, TileFetcher } from '@countersign/transparency';
import { fetchBounded } from '@countersign/verifier';
import { createLogReader, type LogReader } from '@countersign/watchers';
import { type OwnMonitor, readOwnLog, runOwnMonitor } from './monitoring/own-monitor.ts';
import { readPublicFile } from './read-public-file.ts';
import type { WitnessPolicy } from './settings/read-witness-policy.ts';
import { openWitnessing } from './witnessing/open-witnessing.ts';
import { type RunParts, runWitnessing, tellOfWitnesses } from './witnessing/run-witnessing.ts';
import { isDisproof, type Witnessing } from './witnessing/witnessing.ts';

export interface LogToWatch {
  notary: Pick<NotaryClient, 'nextHead' | 'showCosigned' | 'checkWitnessed'>;
  keys: { origin: string; checkpointKey: string };
  /** Where everybody reads it. */
  url: string;
  /** Its public folder, when it is on this machine. */
  shown: { folder: string } | undefined;
}

export interface WatchParts extends RunParts {
  /** Without one nobody is asked to witness. */
  policy: WitnessPolicy | undefined;
  /** What the monitors remember. */
  folder: string;
}

export interface RunningWatchers {
  witnessings: readonly Witnessing[];
  close(): Promise<void>;
}

const TILE_TIMEOUT_MS = 5000;
/** The largest tile that a proof needs. */
const MAX_TILE_BYTES = 8192;

/**
 * A log that a witness disproves is left to its end while another is whole: its notary has stopped.
 * @throws CodedError `rollback`, `log_forked` when none is left, and those of `openMonitor`
 */
export async function watchLogs(
  logs: readonly LogToWatch[],
  parts: WatchParts,
): Promise<RunningWatchers> {
  const { policy } = parts;
  const witnessings: Witnessing[] = [];
  const monitors: OwnMonitor[] = [];
  const disproved: unknown[] = [];
  for (const { notary, keys, url, shown } of logs) {
    const tiles = shown === undefined ? tilesAt(url) : tilesIn(shown.folder);
    if (policy !== undefined) {
      const source = { notary, logKeys: keys, tiles, policy };
      try {
        witnessings.push(await openWitnessing(source, parts));
      } catch (error) {
        if (!isDisproof(error)) throw error;
        disproved.push(error);
        tellOfWitnesses(keys.origin, parts).onDisproved('at the start', error);
      }
    }
    const reader: LogReader =
      shown === undefined ? createLogReader({ url }) : readOwnLog(shown.folder);
    monitors.push(await runOwnMonitor({ ...parts, checkpointKey: keys.checkpointKey, reader }));
  }
  if (disproved.length === logs.length) throw disproved[0];
  const running = runWitnessing(witnessings, parts);
  return {
    witnessings,
    close: async () => {
      running.stop();
      await Promise.all(monitors.map((monitor) => monitor.close()));
    },
  };
}

function tilesIn(folder: string): TileFetcher {
  return async (path) => (await readPublicFile(join(folder, path)))?.bytes;
}

function tilesAt(url: string): TileFetcher {
  return async (path) => {
    const bounds = { fetch: globalThis.fetch, timeoutMs: TILE_TIMEOUT_MS };
    const answer = await fetchBounded(`${url}/${path}`, { ...bounds, maxBytes: MAX_TILE_BYTES });
    return answer.status === 200 ? Buffer.from(answer.bytes) : undefined;
  };
}
