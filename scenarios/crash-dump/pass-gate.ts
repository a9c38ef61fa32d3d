// The gate as the operator of the zone runs it: the command, with the fingerprints that the signer
// exports, telling the server what it did.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { claim } from '../src/stage/tell-story.ts';
import type { MailServer } from './stage.ts';

export interface Passed {
  outcome: 'released' | 'blocked';
  reason: string | null;
  name: string;
  redacted: boolean;
  kids: string[];
  findings: number;
}

const CLI = join(import.meta.dirname, '../../apps/cli/bin/countersign.js');

/** One round of the gate. Resolves with what it told, and how it ended. */
export async function passGate(
  { server, gate }: MailServer,
  more: readonly string[] = [],
): Promise<{ passed: Passed[]; exitCode: number }> {
  const args = [
    ...[CLI, 'keys', 'gate', '--json', '--once', '--settle', '0.2', '--zone', 'signer'],
    ...['--inbox', gate.inbox, '--released', gate.released, '--quarantine', gate.quarantine],
    ...fingerprintsOf(server.data).flatMap((file) => ['--fingerprints', file]),
    ...['--server', server.url, '--token-file', join(server.data, 'secrets/operator-token')],
    ...more,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const [exitCode] = (await once(child, 'close')) as [number];
  const lines = text.split('\n').filter((line) => line !== '');
  const told = lines.map((line) => JSON.parse(line) as Passed & { undelivered?: number });
  const end = told.pop();
  claim(end?.undelivered === 0, 'The gate could not tell the server what it did.');
  return { passed: told, exitCode };
}

/** Of every signer that keeps its keys here. */
function fingerprintsOf(data: string): string[] {
  return readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('fingerprints.json'))
    .map((name) => join(data, name));
}
