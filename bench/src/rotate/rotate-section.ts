// Section: rotation under load. Twenty rotations asked for over the API, at 500 tokens a second, seen by
// four verifiers of ours and four of others with their default caches. Takes about twelve minutes.

import type { Section } from '../report.ts';
import { openRotatingIssuer } from './open-issuer.ts';
import { type RotationResult, runRotations } from './run-rotations.ts';

const ROTATIONS = 20;
const PER_SECOND = 500;
/**
 * Longer than the longest time that one of the eight refuses to look at a key set again: jose, and with
 * it express-oauth2-jwt-bearer, and ours wait 30 s, aws-jwt-verify 10 s.
 */
const EVERY_SECONDS = 36;
const LEAD_SECONDS = 35;
const TAIL_MS = 10_000;

export async function rotateSection(): Promise<Section> {
  // By itself the rotator does nothing in this time.
  const issuer = await openRotatingIssuer(`maxAge=7200,rotateEvery=2400,lead=${LEAD_SECONDS}`);
  try {
    const result = await runRotations({
      ...{ setup: issuer.setup, endpoint: issuer.endpoint, perSecond: PER_SECOND },
      rotateAtMs: Array.from({ length: ROTATIONS }, (_, at) => (at + 1) * EVERY_SECONDS * 1000),
      tailMs: TAIL_MS,
      rotate: () => issuer.rotate(),
      onRotated: (count) => process.stderr.write(`\r  rotation ${count} of ${ROTATIONS}`),
    });
    process.stderr.write('\n');
    return describe(result);
  } finally {
    await issuer.stop();
  }
}

function describe({ verifiers, falseRejects, kids, pumped, rotations }: RotationResult): Section {
  const rejected = verifiers.reduce((sum, one) => sum + one.falseRejects, 0);
  const perSecond = pumped.issued / pumped.seconds;
  const first = falseRejects[0];
  return {
    title: 'Rotation under load',
    method:
      `${rotations} rotations, one every ${EVERY_SECONDS} s, each standby shown at least ${LEAD_SECONDS} s before it signs; ` +
      `${pumped.issued.toLocaleString('en-US')} tokens by client credentials (ES256), each judged as soon as it is issued by four verifiers of ours (two reporting) and four of others with their default caches, all in one process beside the server. ` +
      `${kids.length} keys signed. Requests for a token that failed: ${pumped.failures}; not sent in time: ${pumped.behind}.`,
    header: ['', 'judged', 'refused', 'p50 ms', 'p99 ms'],
    rows: verifiers.map(({ name, judged, falseRejects: refused, p50Ms, p99Ms }) => ({
      cells: [name, judged, String(refused), p50Ms, p99Ms],
    })),
    goals: [
      {
        what: `genuine tokens refused over ${rotations} rotations`,
        goal: '0',
        measured: first === undefined ? '0' : `${rejected}, first by ${first.by}: ${first.reason}`,
        met: rejected === 0 && kids.length === rotations + 1,
      },
      {
        what: 'tokens issued and judged by all eight',
        goal: `${PER_SECOND}/s`,
        measured: `${perSecond.toFixed(0)}/s`,
        met: perSecond >= PER_SECOND * 0.98,
      },
      {
        what: 'requests for a token that failed',
        goal: '0',
        measured: pumped.failed[0] === undefined ? '0' : `${pumped.failures}: ${pumped.failed[0]}`,
        met: pumped.failures === 0,
      },
    ],
    limit:
      'A verifier that meets a key it has not seen looks the key set up again, and most do so at most once in a while (jose and express-oauth2-jwt-bearer 30 s, aws-jwt-verify 10 s after a failure). A standby that is shown before it signs for as long as the slowest cache lives (by default an hour) needs none of that. The latencies are those of eight verifiers at once on a machine that issues at the same time.',
  };
}
