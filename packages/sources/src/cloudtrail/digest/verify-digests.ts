// Verifies CloudTrail log files by their digests. What AWS offers needs the bucket; this needs the
// downloaded folder only.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html

import {
  type DigestFinding,
  type DigestFolder,
  type DigestReport,
  found,
  type VerifiedChain,
  type VerifyOptions,
} from './digest-report.ts';
import { chainOf, type Digest, readDigest } from './read-digest.ts';
import { ChainWalk } from './walk-chain.ts';

const DIGEST_NAME = /_CloudTrail-Digest_[^/]+\.json\.gz$/;
const LOG_NAME = /_CloudTrail_[^/]+\.json\.gz$/;
const LONGEST_PACKED_BYTES = 64 * 1024 * 1024;

export async function verifyDigests(
  folder: DigestFolder,
  options: VerifyOptions,
): Promise<DigestReport> {
  const findings: DigestFinding[] = [];
  const digests: Digest[] = [];
  for (const path of folder.paths.filter((one) => DIGEST_NAME.test(one))) {
    const digest = readDigest(path, await collect(folder.open(path)));
    if (digest !== undefined) digests.push(digest);
    else findings.push(found('invalid', 'digest', path, 'It is no digest that can be read.'));
  }
  const walk = new ChainWalk(folder, options, findings, digests);
  const chains: VerifiedChain[] = [];
  for (const [chain, members] of Map.groupBy(digests, chainOf)) {
    chains.push(await walk.verify(chain, members));
  }
  const unlisted = folder.paths.filter((one) => LOG_NAME.test(one) && !walk.listed.has(one));
  return {
    ok: findings.length === 0 && chains.some(({ backfill }) => !backfill),
    chains: chains.sort((one, other) => (one.chain < other.chain ? -1 : 1)),
    findings,
    unlisted,
  };
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > LONGEST_PACKED_BYTES) return new Uint8Array();
    parts.push(part);
  }
  return Buffer.concat(parts);
}
