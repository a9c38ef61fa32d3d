// Records of third parties that are not in this repository: where they are, and how they are read.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from '@countersign/sources';

const folder = join(import.meta.dirname, '../../../shared/data');

/** Why a test of these files is skipped; in CI their absence is a failure, so nothing is. */
export function absenceOf(file: string): string | false {
  if (existsSync(join(folder, file)) || process.env['CI'] !== undefined) return false;
  return `the shared data are not here: ${file}`;
}

/** One record a line, gz or plain. */
export function sharedLines(file: string): JsonObject[] {
  const bytes = readFileSync(join(folder, file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonObject);
}
