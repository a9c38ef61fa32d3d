// What a person sees of a hammer run: a bar while it runs on a terminal, some lines at the end.

import type { WriteStream } from 'node:tty';
import type { HammerResult, OnProgress } from './hammer-log.ts';

const BAR_CELLS = 30;
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Draws on a terminal; says nothing anywhere else. */
export function drawProgress(out: WriteStream): OnProgress {
  if (!out.isTTY) return () => undefined;
  return ({ seconds, entries, plan }) => {
    const share = Math.min(1, Math.max(seconds / plan.seconds, entries / (plan.goal ?? Infinity)));
    const full = Math.round(share * BAR_CELLS);
    const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}`;
    out.write(`\r${bar} ${whole(entries)} entries, ${whole(entries / seconds)}/s `);
    if (share === 1) out.write('\n');
  };
}

export function describeResult(result: HammerResult): string {
  const { perSecond, p50Ms, p99Ms } = result;
  return [
    `wrote     ${whole(result.entries)} entries in ${result.seconds.toFixed(1)} s: ${whole(perSecond)}/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, told busy ${whole(result.busy)} times`,
    `read      ${whole(result.entriesRead)} entries under ${whole(result.checkpointsChecked)} checkpoints, ${whole(result.proofsChecked)} proofs`,
    `compared  ${whole(result.entriesCompared)} entries with what was sent`,
    `memory    ${whole(result.memoryMb)} MB`,
    ...result.faults.map((fault) => `WRONG     ${fault}`),
    result.ok ? 'All bytes are right.' : 'FAILED.',
  ].join('\n');
}
