// Four verifiers of ours and four of others, in a process of their own: every token that comes is
// judged by each of them at once, as it would be at eight services.

import { createUseReporter, createVerifier, type VerifierPolicy } from '@countersign/verifier';
import { systemClock } from '@countersign/vocabulary';
import { openRotatingPeers } from '../../../scenarios/src/peers/open-rotating-peers.ts';
import { percentile } from '../measure.ts';
import type {
  FalseReject,
  FromJudge,
  Issued,
  JudgeReport,
  JudgeSetup,
  ToJudge,
} from './judge-messages.ts';

interface Judge {
  name: string;
  ours: boolean;
  /** Empty when accepted. */
  judge(token: string): Promise<string>;
  close(): Promise<void>;
}

interface Bench {
  judge: Judge;
  latencies: number[];
  falseRejects: number;
}

const OURS = 4;
const KEPT_REJECTS = 20;
/** A second apart: a machine that is busy may not answer the first time. */
const WARM_ATTEMPTS = 30;

let benches: Bench[] = [];
const rejects: FalseReject[] = [];
const kids = new Set<string>();
const judging = new Set<Promise<void>>();
let waiting: Promise<void> = Promise.resolve();

process.on('message', (message: ToJudge) => {
  // One after the other, so that a report comes after all that was sent before it.
  waiting = waiting.then(() => handle(message));
});
process.on('disconnect', () => process.exit(0));

async function handle(message: ToJudge): Promise<void> {
  if ('setup' in message) {
    const judges = await openJudges(message.setup);
    await Promise.all(judges.map((judge) => warmUp(judge, message.setup.first)));
    benches = judges.map((judge) => ({ judge, latencies: [], falseRejects: 0 }));
    return say({ ready: true });
  }
  if ('issued' in message) {
    for (const issued of message.issued) judgeByAll(issued);
    return;
  }
  await Promise.all(judging);
  say({ report: describe() });
}

async function warmUp({ name, judge }: Judge, token: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const reason = await judge(token);
    if (reason === '') return;
    if (attempt === WARM_ATTEMPTS) throw new Error(`${name} refuses a genuine token: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** A service judges many requests at once: one verifier that waits holds up no other, and no other token. */
function judgeByAll(issued: Issued): void {
  kids.add(issued.kid);
  for (const bench of benches) {
    const judged = judgeBy(bench, issued);
    judging.add(judged);
    void judged.finally(() => judging.delete(judged));
  }
}

async function judgeBy(bench: Bench, { token, kid, issuedMs }: Issued): Promise<void> {
  const startedMs = performance.now();
  const reason = await bench.judge.judge(token).catch((error: Error) => `broken: ${error.message}`);
  bench.latencies.push(performance.now() - startedMs);
  if (reason === '') return;
  bench.falseRejects += 1;
  if (rejects.length < KEPT_REJECTS) {
    rejects.push({ by: bench.judge.name, kid, reason, ageMs: Date.now() - issuedMs });
  }
}

function describe(): JudgeReport {
  const verifiers = benches.map(({ judge: { name, ours }, latencies, falseRejects }) => {
    const sorted = latencies.toSorted((a, b) => a - b);
    const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
    return { name, ours, judged: latencies.length, falseRejects, p50Ms, p99Ms };
  });
  return { verifiers, falseRejects: rejects, kids: [...kids] };
}

async function openJudges(setup: JudgeSetup): Promise<Judge[]> {
  const { issuer, audience, policy } = setup;
  const jwksUri = policy.issuers[0]?.jwksUri ?? '';
  const peers = await openRotatingPeers({
    ...{ issuers: [issuer], audience, jwksUri, algorithm: 'ES256' },
  });
  return [
    ...Array.from({ length: OURS }, (_, at) => openOurs(setup, policy, at)),
    ...peers.map(({ name, judge, close }) => ({
      ...{ name, ours: false, close },
      judge: async (token: string) => {
        const { accepted, reason } = await judge(token);
        return accepted ? '' : reason || 'refused';
      },
    })),
  ];
}

function openOurs(
  { audience, reporterCredential: credential }: JudgeSetup,
  policy: VerifierPolicy,
  at: number,
): Judge {
  const reports = at % 2 === 1 && credential !== undefined && policy.reports !== undefined;
  const reporter = reports
    ? createUseReporter({
        ...{ url: policy.reports?.url ?? '', credential: credential ?? '', clock: systemClock },
        verifier: { name: `rotation-${at + 1}`, version: '0.1.0' },
      })
    : undefined;
  const verifier = createVerifier(policy, reporter === undefined ? {} : { reporter });
  return {
    name: `countersign ${at + 1}${reports ? ', reporting' : ''}`,
    ours: true,
    judge: (token) =>
      verifier.verifyToken(token, { audience }).then(
        () => '',
        (error: Error & { code?: string }) => error.code ?? error.message,
      ),
    close: () => verifier.close(),
  };
}

function say(message: FromJudge): void {
  process.send?.(message);
}
