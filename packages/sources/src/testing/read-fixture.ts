// For tests: the committed records of a source, out of whatever list they stand in.

import { readFileSync } from 'node:fs';
import type { JsonObject } from '../map-record.ts';

/** @param file below `fixtures/`, `okta/system-log.ndjson` */
export function readFixture(file: string): JsonObject[] {
  const text = readFileSync(new URL(`../../fixtures/${file}`, import.meta.url), 'utf8');
  if (file.endsWith('.ndjson')) return text.trim().split('\n').map(parse);
  const whole = JSON.parse(text) as JsonObject | JsonObject[];
  if (Array.isArray(whole)) return whole;
  const [list] = Object.values(whole).filter((one) => Array.isArray(one));
  return list as JsonObject[];
}

function parse(line: string): JsonObject {
  return JSON.parse(line) as JsonObject;
}
