// Builds and runs x-mod/read-log.go against Debian's golang-golang-x-mod-dev: no module proxy, no
// cache outside the test's own folder.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const X_MOD = '/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog';

export interface GoReport {
  size: number;
  /** Leaf hash in hex by index, each proven to be in the signed tree. */
  leaves: Record<string, string>;
}

/** Why the Go tools cannot be run here; undefined when they can, and always in CI. */
export function missingGo(): string | undefined {
  const there = existsSync(X_MOD) && ['/usr/bin/go', '/usr/local/go/bin/go'].some(existsSync);
  if (there || process.env['CI'] !== undefined) return undefined;
  return 'needs golang-go and golang-golang-x-mod-dev (Debian)';
}

/** Compiles the reader into `folder`. */
export function buildGoReader(folder: string): string {
  const binary = join(folder, 'read-log');
  const source = join(import.meta.dirname, 'x-mod/read-log.go');
  execFileSync('go', ['build', '-o', binary, source], {
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin',
      HOME: folder,
      GOCACHE: join(folder, 'cache'),
      GOPATH: '/usr/share/gocode',
      GO111MODULE: 'off',
      CGO_ENABLED: '0',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return binary;
}

export interface GoQuestion {
  url: string;
  /** Verifier key of the log's checkpoints: all that the reader trusts. */
  verifierKey: string;
  /** File with an earlier checkpoint, of which the present one must be an extension. */
  olderCheckpoint?: string;
  indexes: number[];
}

/** @throws Error with the reader's last words when it refuses the log */
export async function readWithGo(binary: string, question: GoQuestion): Promise<GoReport> {
  const { url, verifierKey, olderCheckpoint = '-', indexes } = question;
  const child = spawn(binary, [url, verifierKey, olderCheckpoint, ...indexes.map(String)]);
  let [output, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  assert.equal(code, 0, complaint.trim());
  return JSON.parse(output) as GoReport;
}
