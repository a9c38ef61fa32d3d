// The leak: the memory of the signer as a file, as a crash handler, a debugger or a snapshot of the
// machine would leave it. Our signer leaves no core, so it is read while it lives, by its owner.

import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { copyMemory } from '../src/attack/copy-memory.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import type { MailServer } from './stage.ts';

const SIGNER = 'apps/signer/src/main.ts';
export const DUMP = 'signer.core';

export function takeDump({
  server,
  gate,
}: MailServer): Found<{ bytes: number; droppedMs: number }> {
  claim(existsSync('/proc/self/mem'), 'This scenario reads /proc/PID/mem, which Linux has.');
  const pid = signerOf(server.data);
  // Under a dotted name until it is whole, as the gate asks of those who bring it something.
  const unfinished = join(gate.inbox, `.${DUMP}`);
  copyMemory(pid, unfinished, 'written');
  const { size: bytes } = statSync(unfinished);
  renameSync(unfinished, join(gate.inbox, DUMP));
  const detail = `${(bytes / 1e6).toFixed(0)} MB of process ${pid}, brought to the gate of its zone`;
  return { detail, value: { bytes, droppedMs: performance.now() } };
}

function signerOf(data: string): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = readCommandLine(name);
    if (line.includes(SIGNER) && line.includes(data)) return Number(name);
  }
  throw new Error('No signer of this server was found.');
}

/** Of a process that may have ended since it was listed. */
function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
