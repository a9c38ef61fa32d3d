// Reads one source file and says what it breaks of the house's rules. Pure: the house test feeds
// it the tree, the canary feeds it crimes.

import { BANNED_WORDS, floorOf, LIMITS, NARROW_DOORS, OUTSIDE } from './floor-plan.ts';

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  path: string;
  text: string;
}

// Static imports, re-exports, side-effect imports and dynamic imports of a literal.
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g;
const PACKAGE = /^(?:@countersign\/([a-z-]+)|(countersign))(\/.*)?$/;

export function judgeFile(file: SourceFile): string[] {
  return [...judgeImports(file), ...judgeShape(file)];
}

/** The room a path belongs to, or the outside folder; undefined for files of the root. */
export function roomOf(path: string): string | undefined {
  const [top, name] = path.split('/');
  if (top === 'packages' || top === 'apps') return name;
  return top !== undefined && OUTSIDE.includes(top) ? top : undefined;
}

function judgeImports({ path, text }: SourceFile): string[] {
  const room = roomOf(path);
  if (room === undefined) return [];
  const faults: string[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const specifier = match[2] ?? '';
    if (specifier.startsWith('.')) {
      const target = resolvePath(path, specifier);
      if (roomOf(target) !== room && !OUTSIDE.includes(room))
        faults.push(`${path}: reaches into another room with ${specifier}`);
      continue;
    }
    const named = PACKAGE.exec(specifier);
    if (named === null) continue;
    const target = named[1] ?? 'cli';
    if (named[3] !== undefined)
      faults.push(`${path}: enters ${target} by a side door (${specifier})`);
    if (target !== room && !mayImport(room, target))
      faults.push(`${path}: ${room} may not import ${target}`);
  }
  return faults;
}

function mayImport(room: string, target: string): boolean {
  if (OUTSIDE.includes(room)) return true;
  const narrow = NARROW_DOORS[room];
  if (narrow !== undefined) return narrow.includes(target);
  // Storage and pipe share the ground with the verifier and do not know it.
  if (floorOf(room) === 1) return target === 'vocabulary';
  return floorOf(target) >= 0 && floorOf(target) < floorOf(room);
}

function judgeShape({ path, text }: SourceFile): string[] {
  const faults: string[] = [];
  const lines = text.split('\n').length - 1;
  const isTest = /\.test\.ts$/.test(path) || path.startsWith('tests/');
  const limit = isTest ? LIMITS.testLines : LIMITS.sourceLines;
  if (lines > limit) faults.push(`${path}: ${lines} lines, the limit is ${limit}`);
  if (BANNED_WORDS.test(path)) faults.push(`${path}: a name that says nothing`);
  if (
    /^(?:packages|apps)\//.test(path) &&
    !/^(?:#!.*\n)?(?:\/\/|\/\*\*)/.test(text) &&
    !path.endsWith('/index.ts') &&
    !isTest
  ) {
    faults.push(`${path}: does not open by saying what it is and why`);
  }
  if (/\b(?:TODO|FIXME)\b(?!\(#\d+\))/.test(text)) faults.push(`${path}: a TODO without an issue`);
  return faults;
}

function resolvePath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
