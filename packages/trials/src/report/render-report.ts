// The page of an evaluation: one file, no script, readable on paper and on a phone.

import type { TrialReport } from './trial-report.ts';

export function renderReport(report: TrialReport): string {
  return `<!doctype html><title>Risk evaluation, seed ${report.seed}</title>`;
}
