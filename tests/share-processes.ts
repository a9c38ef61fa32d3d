// Loading what it tests costs most test files more than testing it. Files of a room therefore share a
// process, a few at a time; what might disturb its neighbours has a process of its own.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** In a process: more would save little, and be waited for at the end. */
const MOST_TOGETHER = 12;
/**
 * Whoever says one of these may change what all of a process share, or starts processes to count and
 * kill. The words are enough: a file that names them for another reason loses a fifth of a second.
 */
const OWN_PROCESS = /node:child_process|node:worker_threads|\bprocess\.|\bglobalThis\b|\bmock\b/;
/** Keys: a token's PKCS#11 module is there once in a process. The others test processes and houses. */
const SHARING_ROOMS = /^(?:packages\/(?!keys\/)|apps\/(?:cli|server)\/)/;

export interface SharedRun {
  /** What node:test is to run, in the order of the paths: scripts, each of which is a process. */
  files: string[];
  /** Which test file ran last in a script that failed; undefined when all of it ran, or it is one file. */
  lastIn(file: string): string | undefined;
}

/**
 * @param paths of test files, from `root`
 * @param folder where the scripts of those who share a process are written
 */
export function shareProcesses(root: string, paths: readonly string[], folder: string): SharedRun {
  const groups: string[][] = [];
  const open = new Map<string, string[]>();
  for (const path of paths) {
    const room = path.split('/', 2).join('/');
    const shares =
      SHARING_ROOMS.test(path) && !OWN_PROCESS.test(readFileSync(join(root, path), 'utf8'));
    const group = shares ? open.get(room) : undefined;
    if (group !== undefined && group.length < MOST_TOGETHER) {
      group.push(path);
      continue;
    }
    const begun = [path];
    groups.push(begun);
    if (shares) open.set(room, begun);
  }
  const notes = new Map<string, string>();
  const files = groups.map((group, at) => {
    const [first = ''] = group;
    if (group.length === 1) return join(root, first);
    const name = join(folder, `${first.split('/', 2).join('-')}-${at}`);
    const module = pathToFileURL(join(import.meta.dirname, 'run-together.ts')).href;
    const asked = [root, group, `${name}.now`].map((one) => JSON.stringify(one)).join(', ');
    // Written in JavaScript: below node_modules, where tests may want it, no types are stripped.
    const script = `import { runTogether } from '${module}';\nrunTogether(${asked});\n`;
    writeFileSync(`${name}.mjs`, script);
    writeFileSync(`${name}.now`, '');
    notes.set(`${name}.mjs`, `${name}.now`);
    return `${name}.mjs`;
  });
  const lastIn = (file: string): string | undefined => {
    const note = notes.get(file);
    return (note === undefined ? '' : readFileSync(note, 'utf8')) || undefined;
  };
  return { files, lastIn };
}
