// `npm ci` refuses a lock file that lacks the packages of other platforms, and `npm install` against
// a registry that does not carry them drops them without a word.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

interface LockedPackage {
  version?: string;
  resolved?: string;
  link?: boolean;
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8'),
) as { packages: Record<string, LockedPackage> };

describe('the lock file', () => {
  it('has an entry for every optional package, whatever platform it was made on', () => {
    const missing = Object.entries(packages).flatMap(([owner, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => {
        const nested = `${owner}/node_modules/${name}`;
        return packages[nested] === undefined && packages[`node_modules/${name}`] === undefined;
      }),
    );
    assert.deepEqual(missing, []);
  });

  it('names no registry', () => {
    const named = Object.entries(packages).filter(([, { link, resolved }]) => !link && resolved);
    assert.deepEqual(named, []);
  });
});
