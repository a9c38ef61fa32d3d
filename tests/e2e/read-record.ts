// What the house has on record about its tokens, read from outside: the public log, the events over
// the API, and (once the house is closed) the signer's journal from its folder.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectLocalSigner, type JournalEntry, passphraseBytes } from '@countersign/keys';
import { proveFromTiles, readBundle, type TileFetcher } from '@countersign/transparency';
import {
  hashLeaf,
  parseVerifierKey,
  type VerifierPolicy,
  verifyCheckpoint,
  verifyInclusion,
} from '@countersign/verifier';
import type { House } from './run-house.ts';

const PATIENCE_MS = 60_000;

export interface PublicLog {
  size: number;
  /** Whether the leaf is at that index in the tree of the checkpoint, by a proof from tiles. */
  holds(index: number, leafHash: Uint8Array): Promise<boolean>;
  /** Hex leaf hashes of all entries, in order. */
  leaves(): Promise<string[]>;
}

/** The log as anyone can read it, by the first checkpoint of at least `leastSize` leaves. */
export async function readLog(
  house: House,
  policy: VerifierPolicy,
  leastSize: number,
): Promise<PublicLog> {
  const { size, root } = await awaitCheckpoint(house, policy, leastSize);
  const fetchTile = rememberTiles(house);
  return {
    size,
    holds: async (index, leafHash) => {
      const path = await proveFromTiles(fetchTile, index, size);
      return verifyInclusion(leafHash, index, size, path, root);
    },
    leaves: async () => {
      const found: string[] = [];
      for (let index = 0; found.length < size; index += 1) {
        const width = Math.min(256, size - found.length);
        for (const entry of await readBundle(fetchTile, { index, width })) {
          found.push(Buffer.from(hashLeaf(entry)).toString('hex'));
        }
      }
      return found;
    },
  };
}

async function awaitCheckpoint(house: House, policy: VerifierPolicy, leastSize: number) {
  const [place] = policy.issuers.flatMap(({ receipts }) => receipts.logs);
  if (place === undefined) throw new Error('the policy names no log');
  const key = parseVerifierKey(place.checkpointKey);
  for (const deadlineMs = performance.now() + PATIENCE_MS; ; await sleep(50)) {
    const answer = await fetch(`${house.url}/log/checkpoint`);
    const note = await answer.text();
    // While the log is away, or has not yet shown what it held, there is none.
    const shown = answer.ok ? await verifyCheckpoint(note, place.origin, key) : undefined;
    if (shown !== undefined && shown.size >= leastSize) return shown;
    if (performance.now() > deadlineMs) throw new Error(`the log shows ${shown?.size} leaves`);
  }
}

/** What is at a path of the log never changes, so each is fetched once. */
function rememberTiles(house: House): TileFetcher {
  const kept = new Map<string, Promise<Buffer | undefined>>();
  return (path) => {
    const known = kept.get(path) ?? fetchTile(`${house.url}/log/${path}`);
    kept.set(path, known);
    return known;
  };
}

async function fetchTile(url: string): Promise<Buffer | undefined> {
  const response = await fetch(url);
  const bytes = Buffer.from(await response.arrayBuffer());
  return response.ok ? bytes : undefined;
}

export interface RecordedEvent {
  tenant?: string;
  sequence: number;
  name: string;
  ocsf: { unmapped: { countersign: Record<string, unknown> } };
}

/** All events of these names, oldest first. */
export async function readEvents(house: House, names: string[]): Promise<RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  for (const name of names) {
    for (let after = 0, more = true; more; ) {
      const page = await house.operate(`/events?name=${name}&after=${after}&limit=1000`);
      const events = page['events'] as RecordedEvent[];
      found.push(...events);
      more = events.length === 1000;
      after = Number(page['next']);
    }
  }
  return found;
}

export const factsOf = (event: RecordedEvent): Record<string, unknown> =>
  event.ocsf.unmapped.countersign;

/** Resolves when the reconciler has judged everything that is logged and signed now. */
export async function untilReconciled(house: House): Promise<void> {
  const goal = await house.operate('/reconciliation');
  for (const deadlineMs = performance.now() + PATIENCE_MS; ; await sleep(100)) {
    const { logJudgedBelow, journalJudgedBelow } = await house.operate('/reconciliation');
    const behind =
      Number(logJudgedBelow) < Number(goal['logged']) ||
      Number(journalJudgedBelow) <= Number(goal['signed']);
    if (!behind) return;
    if (performance.now() > deadlineMs) {
      const places = JSON.stringify({ goal, logJudgedBelow, journalJudgedBelow });
      throw new Error(`the reconciler is behind: ${places}\n${house.output.slice(-20).join('')}`);
    }
  }
}

/** The whole journal, from the folder of a house that has stopped. */
export async function readJournal(house: House): Promise<JournalEntry[]> {
  const signer = await connectLocalSigner({
    folder: join(house.data, 'signer'),
    passphrase: passphraseBytes(house.secretFile('key-passphrase')),
  });
  try {
    const found: JournalEntry[] = [];
    for (;;) {
      const { entries, lastNumber } = await signer.readJournal(found.length + 1, 1000);
      found.push(...entries);
      if (entries.length === 0 || found.length >= lastNumber) return found;
    }
  } finally {
    signer.close();
  }
}
