// The other side of share-processes.ts: several test files in one process. Each is a suite named for
// its file, so that its hooks are its own and a failure says where.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { pathToFileURL } from 'node:url';

/** @param notePath where the file that runs now is written down, for whoever finds this process dead */
export function runTogether(root: string, paths: readonly string[], notePath: string): void {
  let left = paths.length;
  for (const path of paths) {
    describe(path, async () => {
      before(() => writeFileSync(notePath, path));
      await import(pathToFileURL(join(root, path)).href);
      after(() => {
        left -= 1;
        if (left === 0) writeFileSync(notePath, '');
      });
    });
  }
  // A test that leaves with process.exit(0) must not take the files behind it along unseen.
  process.on('exit', () => {
    if (left > 0) process.exitCode = 1;
  });
}
