// Witnesses in numbers, for Prometheus: how old the quorum's word is, who answers, and how the
// others fail.

import { Counter, Gauge, type Registry } from 'prom-client';
import type { Witnessing } from './witnessing.ts';

export function describeWitnessMetrics(
  registry: Registry,
  witnessings: readonly Witnessing[],
  nowMs: () => number,
): void {
  if (witnessings.length === 0) return;
  const labelNames = ['origin', 'witness'] as const;
  new Gauge({
    name: 'countersign_log_witnessed_age_seconds',
    help: 'Since a quorum of witnesses last held a checkpoint for the newest.',
    labelNames: ['origin'],
    registers: [registry],
    collect() {
      for (const { origin, witnessedMs } of witnessings) {
        this.set({ origin }, Math.max(0, (nowMs() - witnessedMs) / 1000));
      }
    },
  });
  new Gauge({
    name: 'countersign_witness_up',
    help: '1 while the witness answers with good cosignatures, else 0.',
    labelNames,
    registers: [registry],
    collect() {
      for (const { origin, turns } of witnessings) {
        for (const { name, answers } of turns.describe()) {
          this.set({ origin, witness: name }, answers ? 1 : 0);
        }
      }
    },
  });
  new Counter({
    name: 'countersign_witness_failures_total',
    help: 'Times that the witness gave no cosignature, by reason.',
    labelNames: [...labelNames, 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { origin, turns } of witnessings) {
        for (const { name, failures } of turns.describe()) {
          for (const [reason, count] of failures) {
            this.inc({ origin, witness: name, reason }, count);
          }
        }
      }
    },
  });
}
