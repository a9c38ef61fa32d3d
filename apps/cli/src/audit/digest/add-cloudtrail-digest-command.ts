// `countersign audit cloudtrail-digest`: checks downloaded CloudTrail files by their digests, offline.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type DigestFinding,
  type DigestReport,
  readPublicKeys,
  verifyDigests,
} from '@countersign/sources';
import type { Command } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { type Paint, printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { openDigestFolder } from './open-digest-folder.ts';

interface DigestOptions {
  key: string[];
  from?: string;
  until?: string;
}

const LONGEST_KEY_BYTES = 1024 * 1024;
/** Lines of findings that a person reads; the JSON has all. */
const MOST_SHOWN = 40;

const EXAMPLES = `
Examples:
  $ aws cloudtrail list-public-keys --start-time 2026-01-01 > keys.json
  $ aws s3 sync s3://my-trail ./trail
  $ countersign audit cloudtrail-digest ./trail --key keys.json --from 2026-11-01 --until 2026-11-20

The folder is a bucket, or a part of one, copied as it is. The signature of each digest but the newest is
in the digest after it. For the newest, keep the object's metadata beside it, in FILE.metadata.json:
  $ aws s3api head-object --bucket my-trail --key KEY > KEY.metadata.json
Without --from and --until, digests cut off at either end are not noticed: nothing later names them.`;

export function addCloudTrailDigestCommand(
  audit: Command,
  world: CliWorld,
  answering: Answering,
): void {
  const command = audit
    .command('cloudtrail-digest')
    .argument('<folder>', 'log files and digests, as they lie in the bucket')
    .description('check offline that AWS CloudTrail files are whole and unchanged')
    .requiredOption(
      '--key <file>',
      'public key (PEM), or the answer of list-public-keys; may be given several times',
      (file: string, files: string[] = []) => [...files, file],
    )
    .option('--from <time>', 'the log must reach back to this time (ISO 8601, UTC)')
    .option('--until <time>', 'the log must reach on to this time')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, options: DigestOptions) =>
      answering(command, () => checkDigests(world, folder, options)),
    );
}

async function checkDigests(
  world: CliWorld,
  named: string,
  { key, from, until }: DigestOptions,
): Promise<Answer> {
  const keys = key.flatMap((file) => readPublicKeys(readKeyFile(world, file)));
  if (keys.length === 0) {
    throw cliError('wrong_use', 'No RSA public key of 2,048 bits or more is in what --key names.');
  }
  const folder = openDigestFolder(resolve(world.workingFolder, named));
  const total = folder.paths.length;
  try {
    const report = await verifyDigests(folder, {
      keys,
      ...(from === undefined ? {} : { fromMs: readTime('--from', from) }),
      ...(until === undefined ? {} : { untilMs: readTime('--until', until) }),
      onProgress: (done) => world.progress.count('checking log files', done, total),
    });
    if (report.chains.length === 0 && report.findings.length === 0) {
      throw cliError('wrong_use', `There is no CloudTrail digest in ${named}.`);
    }
    return describeReport(report);
  } finally {
    world.progress.clear();
  }
}

function describeReport(report: DigestReport): Answer {
  const { ok, chains, findings, unlisted } = report;
  const counts = { invalid: 0, missing: 0, gap: 0 };
  for (const { code } of findings) counts[code] += 1;
  return {
    ok,
    json: {
      ...{ command: 'audit cloudtrail-digest', ok, counts, findings, unlisted },
      chains: chains.map(({ fromMs, untilMs, ...chain }) => ({
        ...chain,
        from: new Date(fromMs).toISOString(),
        until: new Date(untilMs).toISOString(),
      })),
    },
    lines: ({ paint }) => [
      ...chains.map((chain) => {
        const whole =
          chain.validDigests === chain.digests && chain.validLogFiles === chain.logFiles;
        const files = `${chain.validDigests} of ${chain.digests} digests, ${chain.validLogFiles} of ${chain.logFiles} log files`;
        const span = `${dayOf(chain.fromMs)} – ${dayOf(chain.untilMs)}`;
        const verdict = whole ? paint.good('valid') : paint.bad('not valid');
        return `  ${verdict}  ${printable(chain.chain)}: ${files}, ${span}`;
      }),
      ...chains
        .filter(({ goesFurtherBack }) => goesFurtherBack)
        .map(({ chain }) => `  ${printable(chain)} goes further back than what was given.`),
      ...findings.slice(0, MOST_SHOWN).map((finding) => drawFinding(finding, paint)),
      ...(findings.length > MOST_SHOWN
        ? [`  … and ${findings.length - MOST_SHOWN} more (--json)`]
        : []),
      ...(unlisted.length === 0
        ? []
        : [
            `  ${unlisted.length} log files are in no valid digest: of an hour not ended, or slipped in.`,
          ]),
    ],
  };
}

function drawFinding({ code, what, file, reason }: DigestFinding, paint: Paint): string {
  return `  ${paint.bad(code)}  ${what} ${printable(file)}: ${printable(reason)}`;
}

function dayOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

function readTime(option: string, text: string): number {
  const ms = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(ms)) throw cliError('wrong_use', `${option} is no time: ${text}`);
  return ms;
}

function readKeyFile(world: CliWorld, file: string): string {
  const path = resolve(world.workingFolder, file);
  try {
    if (statSync(path).size <= LONGEST_KEY_BYTES) return readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `${path} cannot be read.`, error);
  }
  throw cliError('wrong_use', `${path} is over ${LONGEST_KEY_BYTES} bytes: that is no key.`);
}
