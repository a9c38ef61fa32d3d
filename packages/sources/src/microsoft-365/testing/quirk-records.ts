// For tests: the records of fixtures/microsoft-365/records.ndjson by what is peculiar about each.

import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../map-record.ts';

const NAMES = [
  ...(['sign-in-good', 'sign-in-failed-says-success', 'sign-in-with-an-error'] as const),
  ...(['sign-in-of-nobody', 'consent', 'consent-for-all', 'app-keys', 'sessions-revoked'] as const),
  ...(['role', 'app-only', 'inbox-rule', 'powershell-parameters', 'mailbox-permission'] as const),
  ...(['alert', 'file-shared', 'upper-case-person', 'mail-2021-neither', 'mail-cut'] as const),
  ...(['mail-deleted', 'mail-sent', 'throttled', 'unknown-operation', 'update-elsewhere'] as const),
  ...(['teams-session', 'sid-user'] as const),
];
export type Quirk = (typeof NAMES)[number];

const records = readLines('microsoft-365/records.ndjson');

export function quirk(name: Quirk): JsonObject {
  return structuredClone(records[NAMES.indexOf(name)] ?? {});
}

/** Records of a fixture, one a line. */
export function readLines(file: string): JsonObject[] {
  return readFixture(file)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export function readFixture(file: string): string {
  return readFileSync(new URL(`../../../fixtures/${file}`, import.meta.url), 'utf8');
}
