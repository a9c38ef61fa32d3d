// `npm run hammer`: writes to a log as fast as it answers while readers check every byte they are
// served. Exit 0 when all was right and the goal was met, 1 when not, 2 for wrong use.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type HammerPlan, hammerLog } from './hammer/hammer-log.ts';
import { parsePlan, USAGE, UsageError } from './hammer/parse-plan.ts';
import { describeResult, drawProgress } from './hammer/show-result.ts';

async function main(): Promise<number> {
  const asked = readArguments();
  if (typeof asked === 'number') return asked;
  const { plan, folder: given, json } = asked;
  const folder = given ?? mkdtempSync(join(tmpdir(), 'countersign-hammer-'));
  if (given !== undefined) mkdirSync(given, { recursive: true });
  try {
    const result = await hammerLog(resolve(folder), plan, drawProgress(process.stderr));
    console.log(json ? JSON.stringify(result) : describeResult(result));
    return result.ok ? 0 : 1;
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function readArguments(): { plan: HammerPlan; folder: string | undefined; json: boolean } | number {
  try {
    const { help, ...asked } = parsePlan(process.argv.slice(2));
    if (!help) return asked;
    console.log(USAGE);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

process.exit(await main());
