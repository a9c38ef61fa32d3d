// The anchors of this house: made every ten seconds when something changed, known to the reconciler
// before the log is asked, and proven to whoever keeps one. What contradicts an earlier one is an alarm.

import {
  type AnchorAnswer,
  type AnchoringParts,
  type ArchiveClient,
  anchorTrails,
  isArchiveAway,
  type TrailDifference,
} from '@countersign/archive';
import type { AnchorSource, Audit } from '@countersign/audit';
import { type AnchorProof, type BundleSource, INSTALLATION_TENANT } from '@countersign/trail';
import { decodeReceipt } from '@countersign/verifier';
import type { Clock, CountersignEvent, Random } from '@countersign/vocabulary';
import { createLogReader } from '@countersign/watchers';
import type { Logger } from 'pino';
import type { HouseLogs } from '../logs/learn-logs.ts';
import { readOwnLog } from '../monitoring/own-monitor.ts';
import { assembleBundle, type BundleRequest } from './assemble-bundle.ts';
import { awaitProof, type ProofWait, type WantedProof } from './await-proof.ts';
import { createAnchorProver } from './prove-anchor.ts';

export type WantedBundle = Omit<BundleRequest, 'anchor'> & WantedProof;

export interface HouseAnchors {
  /** For the reconciler: which anchors in the log are ours. */
  readonly source: AnchorSource;
  /** About once a second. */
  tick(): Promise<void>;
  /** Anchors announced to the log ever: an entry each, but for those that a crash kept from it. */
  made(): Promise<number>;
  /** The newest anchor of a tenant that is under a checkpoint; undefined before there is one. */
  prove(tenant: string): Promise<AnchorProof | undefined>;
  /**
   * A bundle up to the newest anchor, which is waited for until it speaks for what is wanted, but not
   * for ever: how far it reaches is in it. Undefined before there is one.
   */
  bundle(request: WantedBundle): Promise<BundleSource | undefined>;
}

export interface AnchorParts {
  store: AnchoringParts['store'];
  archive: Pick<ArchiveClient, 'followed' | 'readRange'>;
  /** Name of the installation. */
  instance: string;
  logs: Pick<HouseLogs, 'first' | 'all' | 'appender' | 'originOf'>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  random: Random;
  log: Pick<Logger, 'error'>;
  everyMs?: number;
  /** For the anchor of a bundle. */
  wait?: ProofWait;
}

export function openAnchors(parts: AnchorParts): HouseAnchors {
  const { store, archive, instance, logs, audit, clock } = parts;
  const anchoring = anchorTrails({
    ...parts,
    append: (entry) => append(logs, entry),
    onDiffers: async (difference) => {
      parts.log.error({ ...difference }, 'what is kept of a record is not what was anchored of it');
      await audit.record([describeDifference(difference, clock.nowMs())]);
    },
    onAnchored: async (anchor, answer) => {
      await audit.record([describeAnchor(anchor, answer, clock.nowMs())]);
    },
  });
  const { book } = anchoring;
  const prover = createAnchorProver(
    book,
    logs.all.map(({ origin, keys, url, shown }) => ({
      origin,
      checkpointKey: keys.checkpointKey,
      reader: shown === undefined ? createLogReader({ url }) : readOwnLog(shown.folder),
    })),
  );
  return {
    source: { instance, announced: (leafHashes) => book.announced(leafHashes) },
    async tick() {
      try {
        await anchoring.tick();
      } catch (error) {
        // Who follows the archive says so; anchors wait until it is back.
        if (!isArchiveAway(error)) throw error;
      }
    },
    made: async () => (await book.nextNumber()) - 1,
    prove: (tenant) => prover.prove(tenant),
    async bundle(request) {
      const anchor = await awaitProof({ book, prover }, request, parts.wait);
      const source = { read: store.read, archive, instance };
      return anchor && assembleBundle(source, { ...request, anchor });
    },
  };
}

async function append(
  { appender, originOf, first }: AnchorParts['logs'],
  entry: Uint8Array,
): Promise<AnchorAnswer> {
  const receipt = await appender.append(entry);
  const logOrigin = originOf?.(receipt) ?? first.origin;
  return { logIndex: decodeReceipt(receipt).index, logOrigin, receipt };
}

/** Of the tenant whose record it is: it is shown to the tenant, always. */
function describeDifference(difference: TrailDifference, timeMs: number): CountersignEvent {
  const { tenant, reason, anchor, count } = difference;
  const event: CountersignEvent = {
    name: 'audit.differs',
    timeMs,
    reason,
    extra: { anchor, number: count },
  };
  return tenant === INSTALLATION_TENANT ? event : { ...event, tenant };
}

function describeAnchor(
  anchor: number,
  { logIndex, logOrigin }: AnchorAnswer,
  timeMs: number,
): CountersignEvent {
  const actor = { kind: 'system', id: 'archive' } as const;
  const token = { kind: 'other', logIndex, logOrigin } as const;
  return { name: 'audit.anchored', timeMs, actor, token, extra: { anchor } };
}
