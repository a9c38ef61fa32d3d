// Opens everything that a signer's folder holds, in the order in which one thing vouches for the
// next: the claim, the journal, the custody, the lives and the keys that are over, the keys, the access.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Clock,
  type CodedError,
  type Random,
  systemClock,
  systemRandom,
} from '@countersign/vocabulary';
import { ACCESS_LINES_KEPT, AccessRecord } from '../access/access-record.ts';
import type { ChainName } from '../chain/chain-segment.ts';
import { ChainedLog, type ChainedLogOptions } from '../chain/chained-log.ts';
import { deriveChainKey } from '../chain/derive-chain-key.ts';
import { Custodies, type OpenCustodies } from '../custody/custodies.ts';
import { hasCustody } from '../custody/custody-file.ts';
import type { KdfParameters } from '../custody/derive-key.ts';
import { EndedKeys } from '../custody/ended-keys.ts';
import { openKeyFolder, openSealing } from '../custody/key-folder.ts';
import { KeyRing } from '../custody/key-ring.ts';
import type { SealingKey } from '../custody/seal-key-file.ts';
import { FolderClaim } from '../disk/claim-folder.ts';
import { Journal } from '../journal/journal.ts';
import { LifeBook } from '../life/life-book.ts';
import { LONGEST_KEY_LIFETIME_SECONDS } from '../scope/key-scope.ts';

export interface SignerOptions {
  folder: string;
  /** Left as it was; the caller overwrites it. */
  passphrase: Uint8Array;
  clock?: Clock;
  random?: Random;
  /** Only for a new folder. */
  kdf?: KdfParameters;
  /**
   * Receipt keys (vkey) of logs that stand in for each other: a key bound to one of them signs with a
   * receipt of any. Whoever starts the signer says so, not whoever asks it. Default none.
   */
  standIns?: readonly string[];
  /** Who holds keys. Default: this process alone. */
  openCustodies?: OpenCustodies;
  /** No key is made that lives longer; it never prolongs one. Default: 366 days. */
  longestKeyLifeSeconds?: number;
  /** Told of each key that its custody has not, or not as it was made: it never signs. */
  onUnusable?: ((why: CodedError) => void) | undefined;
  /** Told once of each key that is over and whose private half could not be destroyed yet. */
  onUndestroyed?: ((why: CodedError) => void) | undefined;
  /** How long to wait for a signer that is leaving. Default 3,000. */
  claimWaitMs?: number;
  /** See `BuryKeys`; small in tests. */
  spareLines?: number;
}

export interface OpenedFolder {
  claim: FolderClaim;
  journal: Journal;
  lives: LifeBook;
  access: AccessRecord;
  custodies: Custodies;
  ended: EndedKeys;
  keys: KeyRing;
  clock: Clock;
}

/**
 * Opens a folder, which is then this process's alone, or starts an empty one.
 * @throws CodedError with a `CustodyRefusal` code; nothing was changed but a torn journal tail
 */
export async function openFolder(options: SignerOptions): Promise<OpenedFolder> {
  const { folder } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const claim = FolderClaim.take(folder, options.claimWaitMs);
  try {
    return await openClaimed(options, claim);
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function openClaimed(options: SignerOptions, claim: FolderClaim): Promise<OpenedFolder> {
  const { folder, passphrase, kdf, clock = systemClock, random = systemRandom } = options;
  // The journal is made before the custody, so where there is a custody there was a journal.
  const journal = new Journal({
    folder: join(folder, 'journal'),
    mustExist: hasCustody(folder),
    epoch: claim.epoch,
    holdsFolder: () => claim.holds(),
  });
  const sealing = openSealing(folder, passphrase, random, kdf);
  const openChain = chainsOf(folder, sealing, claim);
  const lives = new LifeBook((each) => openChain('lives', { each }));
  const ended = new EndedKeys((each) => openChain('ended', { each }), lives.anchor);
  const signedKids = journal.counts.keys();
  const opened = openKeyFolder({ folder, passphrase, sealing, signedKids, ended });
  const access = new AccessRecord(
    openChain('access', { each: () => undefined, keepLines: ACCESS_LINES_KEPT }),
    clock,
  );
  const home = { folder, sealingKey: sealing.key };
  const custodies = (await options.openCustodies?.(home)) ?? new Custodies();
  const keys = await KeyRing.fill({
    folder: opened,
    ...{ lives, ended, clock, random, custodies },
    spareLines: options.spareLines,
    onUnusable: options.onUnusable,
    onUndestroyed: options.onUndestroyed,
    standIns: options.standIns ?? [],
    longestKeyLifeSeconds: options.longestKeyLifeSeconds ?? LONGEST_KEY_LIFETIME_SECONDS,
  });
  access.tell({ what: 'open', caller: `uid ${process.getuid?.() ?? 'unknown'}` });
  return { claim, journal, lives, ended, access, custodies, keys, clock };
}

function chainsOf(folder: string, sealing: SealingKey, claim: FolderClaim) {
  return (name: ChainName, more: Pick<ChainedLogOptions, 'each' | 'keepLines'>): ChainedLog =>
    new ChainedLog({
      folder: join(folder, name),
      chain: deriveChainKey(sealing.key, name),
      epoch: claim.epoch,
      holdsFolder: () => claim.holds(),
      ...more,
    });
}
