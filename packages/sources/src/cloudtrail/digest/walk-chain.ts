// Walks one chain of digests back from its newest. A digest is vouched for by its own signature, and by
// the hash that the next one names; after a finding the walk goes on with the next older digest.

import { verify } from 'node:crypto';
import {
  type DigestFinding,
  type DigestFolder,
  found,
  type VerifiedChain,
  type VerifyOptions,
} from './digest-report.ts';
import { hashLogFile } from './hash-log-file.ts';
import { pathOf, placementOf } from './place-files.ts';
import { type Digest, isBackfill, signedTextOf } from './read-digest.ts';

export class ChainWalk {
  /** Paths of log files that a valid digest lists. */
  readonly listed = new Set<string>();
  readonly #folder: DigestFolder;
  readonly #options: VerifyOptions;
  readonly #findings: DigestFinding[];
  readonly #placement: ReturnType<typeof placementOf>;
  readonly #there: ReadonlySet<string>;
  #files = 0;

  constructor(
    folder: DigestFolder,
    options: VerifyOptions,
    findings: DigestFinding[],
    digests: readonly Digest[],
  ) {
    this.#folder = folder;
    this.#options = options;
    this.#findings = findings;
    this.#placement = placementOf(digests);
    this.#there = new Set(folder.paths);
  }

  async verify(chain: string, members: readonly Digest[]): Promise<VerifiedChain> {
    // Of two copies of one digest, the one that lies where it was written is walked through.
    const left = members.toSorted(
      (one, other) => other.endMs - one.endMs || this.#isMoved(one) - this.#isMoved(other),
    );
    const [newest] = left;
    const told: VerifiedChain = {
      ...{ chain, backfill: newest !== undefined && isBackfill(newest) },
      ...{ fromMs: newest?.startMs ?? 0, untilMs: newest?.endMs ?? 0 },
      ...{ digests: members.length, validDigests: 0, logFiles: 0, validLogFiles: 0 },
      goesFurtherBack: false,
    };
    let newer: Digest | undefined;
    for (let digest = left.shift(); digest !== undefined; ) {
      if (await this.#checkDigest(digest, newer)) {
        told.validDigests += 1;
        await this.#checkFiles(digest, told);
      }
      told.fromMs = Math.min(told.fromMs, digest.startMs);
      const next = this.#stepBack(digest, left);
      told.goesFurtherBack = next === undefined && digest.previous !== undefined;
      // Only a digest that the newer one names is vouched for by it.
      newer = next !== undefined && names(digest, next) ? digest : undefined;
      digest = next;
    }
    if (!told.backfill) this.#checkEnds(told);
    return told;
  }

  #isMoved({ object, path }: Digest): 0 | 1 {
    return pathOf(object, this.#placement) === path ? 0 : 1;
  }

  /** The digest to look at next: the one that is named, or after a finding the next older one. */
  #stepBack(digest: Digest, left: Digest[]): Digest | undefined {
    const named = digest.previous === undefined ? -1 : left.findIndex((one) => names(digest, one));
    for (const skipped of left.splice(0, Math.max(0, named))) {
      const reason = 'No later digest names it: it was slipped in, or what named it was changed.';
      this.#findings.push(found('invalid', 'digest', skipped.object, reason));
    }
    const next = left.shift();
    if (next === undefined) return undefined;
    if (digest.previous === undefined) {
      const period = `${next.endTime} – ${new Date(digest.startMs).toISOString()}`;
      const reason = 'The chain begins anew: nothing was promised for the time between.';
      if (!isBackfill(digest)) this.#findings.push(found('gap', 'period', period, reason));
    } else if (named < 0) {
      const reason = `The digest that ${lastPart(digest.object)} names is not there.`;
      this.#findings.push(found('missing', 'digest', digest.previous.object, reason));
    }
    return next;
  }

  /** @param newer the digest that names this one */
  async #checkDigest(digest: Digest, newer: Digest | undefined): Promise<boolean> {
    const fault = await this.#faultOf(digest, newer);
    if (fault === undefined) return true;
    this.#findings.push(found(fault.code, fault.what, digest.object, fault.reason));
    return false;
  }

  async #faultOf(
    digest: Digest,
    newer: Digest | undefined,
  ): Promise<Pick<DigestFinding, 'code' | 'what' | 'reason'> | undefined> {
    const invalid = (reason: string) => ({ code: 'invalid', what: 'digest', reason }) as const;
    if (this.#isMoved(digest) === 1) {
      return invalid(`It lies at ${digest.path} and was moved from where it was written.`);
    }
    if (newer?.previous?.hash !== undefined && newer.previous.hash !== digest.hash) {
      return invalid('It was changed: the next digest names another hash.');
    }
    if (digest.algorithm !== undefined && digest.algorithm !== 'SHA256withRSA') {
      return invalid(`It is signed with ${digest.algorithm}, which is not known here.`);
    }
    const beside = await this.#folder.signatureOf(digest.path);
    const named = newer?.previousSignature;
    if (beside !== undefined && named !== undefined && beside.toLowerCase() !== named.toLowerCase())
      return invalid('The signature beside it is not the one that the next digest names.');
    const signature = beside ?? named;
    if (signature === undefined) {
      const reason = 'Its signature is not there: keep `x-amz-meta-signature` beside the file.';
      return { code: 'missing', what: 'signature', reason };
    }
    return this.#isSigned(digest, signature)
      ? undefined
      : invalid('Its signature is not by the key that was given.');
  }

  #isSigned(digest: Digest, signature: string): boolean {
    if (!/^(?:[0-9a-f]{2}){1,2048}$/i.test(signature)) return false;
    const { keys } = this.#options;
    const text = Buffer.from(signedTextOf(digest), 'utf8');
    const bytes = Buffer.from(signature, 'hex');
    return keys.some(
      ({ key, fingerprint }) =>
        (fingerprint === undefined || fingerprint === digest.fingerprint) &&
        verify('RSA-SHA256', text, key, bytes),
    );
  }

  async #checkFiles(digest: Digest, told: VerifiedChain): Promise<void> {
    for (const { object, hash } of digest.files) {
      told.logFiles += 1;
      this.#files += 1;
      this.#options.onProgress?.(this.#files);
      const path = pathOf(object, this.#placement);
      if (path === undefined || !this.#there.has(path)) {
        const reason = `${lastPart(digest.object)} lists it, and it is not there.`;
        this.#findings.push(found('missing', 'log file', object, reason));
        continue;
      }
      this.listed.add(path);
      const actual = await hashLogFile(this.#folder.open(path));
      if (actual === hash) {
        told.validLogFiles += 1;
        continue;
      }
      const reason =
        actual === undefined ? 'It cannot be decompressed.' : 'Its content is not what was listed.';
      this.#findings.push(found('invalid', 'log file', object, reason));
    }
  }

  #checkEnds(told: VerifiedChain): void {
    const { fromMs, untilMs } = this.#options;
    if (fromMs !== undefined && told.fromMs > fromMs) {
      const reason = `The oldest digest begins at ${new Date(told.fromMs).toISOString()}.`;
      this.#findings.push(found('missing', 'period', told.chain, reason));
    }
    if (untilMs !== undefined && told.untilMs < untilMs) {
      const reason = `The newest digest ends at ${new Date(told.untilMs).toISOString()}.`;
      this.#findings.push(found('missing', 'period', told.chain, reason));
    }
  }
}

function names({ previous }: Digest, other: Digest): boolean {
  return previous?.object === other.object && previous.bucket === other.bucket;
}

function lastPart(object: string): string {
  return object.slice(object.lastIndexOf('/') + 1);
}
