// Rotates the keys of an issuer while tokens are issued at a steady rate and judged at eight verifiers
// (control C-04): how many genuine ones were refused. Used by the benchmark and, shorter, by a test.

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FromJudge, Issued, JudgeReport, JudgeSetup, ToJudge } from './judge-messages.ts';
import { type Pumped, type PumpPlan, pumpTokens } from './pump-tokens.ts';

export interface RotationPlan {
  setup: JudgeSetup;
  endpoint: Omit<PumpPlan, 'onToken' | 'perSecond'>;
  perSecond: number;
  /** Milliseconds from the beginning to each rotation, growing. */
  rotateAtMs: readonly number[];
  /** Tokens after the last rotation. */
  tailMs: number;
  /** Resolves when the standby signs. */
  rotate(): Promise<void>;
  onRotated?(count: number): void;
}

export interface RotationResult extends JudgeReport {
  rotations: number;
  pumped: Pumped;
}

const BATCH_MS = 10;

export async function runRotations(plan: RotationPlan): Promise<RotationResult> {
  const judge = await openJudgeProcess(plan.setup);
  let batch: Issued[] = [];
  const send = (): void => {
    if (batch.length === 0) return;
    judge.send({ issued: batch });
    batch = [];
  };
  const sending = setInterval(send, BATCH_MS);
  const { endpoint, perSecond } = plan;
  const pump = pumpTokens({ ...endpoint, perSecond, onToken: (issued) => batch.push(issued) });
  try {
    const startedMs = performance.now();
    for (const [at, dueMs] of plan.rotateAtMs.entries()) {
      await sleep(Math.max(0, startedMs + dueMs - performance.now()));
      await plan.rotate();
      plan.onRotated?.(at + 1);
    }
    await sleep(plan.tailMs);
    const pumped = await pump.stop();
    send();
    return { ...(await judge.report()), rotations: plan.rotateAtMs.length, pumped };
  } finally {
    clearInterval(sending);
    await pump.stop();
    judge.close();
  }
}

interface JudgeProcess {
  send(message: ToJudge): void;
  report(): Promise<JudgeReport>;
  close(): void;
}

async function openJudgeProcess(setup: JudgeSetup): Promise<JudgeProcess> {
  const child = fork(join(import.meta.dirname, 'judge-child.ts'), { stdio: 'inherit' });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const send = (message: ToJudge): void => {
    // Whoever waits for its report is told that it ended.
    if (child.connected) child.send(message);
  };
  const ready = nextMessage(child);
  send({ setup });
  await ready;
  return {
    send,
    report: async () => {
      const answer = nextMessage(child);
      send({ report: true });
      const message = await answer;
      if ('report' in message) return message.report;
      throw new Error('the judging process gave no report');
    },
    close: () => {
      process.off('exit', end);
      end();
    },
  };
}

function nextMessage(child: ChildProcess): Promise<FromJudge> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`the judging process ended with ${code}`));
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode);
    child.once('exit', ended);
    child.once('message', (message: FromJudge) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}
