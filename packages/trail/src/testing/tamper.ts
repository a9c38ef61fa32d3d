// A sound bundle and ways to take it apart by its lines, for tests.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { type AnchorProof, formatAnchorProof, parseAnchorProof } from '../anchor/anchor-proof.ts';
import { TestTrail } from './test-trail.ts';

export interface World {
  trail: TestTrail;
  /** Sealed 1 to 4, 5 to 8 and 9 to 12; 13 to 16 are the tail. */
  text: string;
  lines: string[];
  /** After eight events, before the second seal. */
  early: AnchorProof;
  anchor: AnchorProof;
  /** The same installation and tenant, with another past. */
  other: { trail: TestTrail; text: string; anchor: AnchorProof };
}

export type Tamper = (
  world: World,
) => string | readonly string[] | Promise<string | readonly string[]>;

export async function makeWorld(): Promise<World> {
  const trail = new TestTrail().add(4).seal().add(4);
  const early = trail.anchor();
  trail.seal().add(4).seal().add(4);
  const anchor = trail.anchor();
  const text = await trail.bundle(anchor);
  const twin = new TestTrail({ log: trail.log, seed: 'two' }).add(4).seal().add(4).seal().add(4);
  twin.seal().add(4).anchor();
  const second = twin.anchor();
  const other = { trail: twin, anchor: second, text: await twin.bundle(second) };
  return { trail, text, lines: text.split('\n'), early, anchor, other };
}

/** The place of the only line that begins so. */
export function at(lines: readonly string[], start: string): number {
  const found = lines.findIndex((line) => line.startsWith(start));
  assert.ok(found >= 0, `no line begins with ${start}`);
  return found;
}

export const edit =
  (start: string, change: (line: string) => string): Tamper =>
  ({ lines }) =>
    lines.with(at(lines, start), change(lines[at(lines, start)] ?? ''));

export const drop =
  (...starts: string[]): Tamper =>
  ({ lines }) =>
    lines.filter((line) => !starts.some((start) => line.startsWith(start)));

export const swap =
  (one: string, two: string): Tamper =>
  ({ lines }) => {
    const [a, b] = [at(lines, one), at(lines, two)];
    return lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '');
  };

export const repeat =
  (start: string, where = start): Tamper =>
  ({ lines }) =>
    lines.toSpliced(at(lines, where) + 1, 0, lines[at(lines, start)] ?? '');

/** Puts what stands under one number under another, with its number. */
export const pose =
  (number: number, as: number): Tamper =>
  ({ lines }) => {
    const line = lines[at(lines, `e ${number} `)] ?? '';
    return lines.with(at(lines, `e ${as} `), line.replace(`e ${number} `, `e ${as} `));
  };

/** All lines of a segment, its own included. */
export function segmentOf(
  lines: readonly string[],
  segment: number,
): { start: number; end: number } {
  const start = lines.findIndex((line) => line.includes(`"segment":${segment},`));
  const after = lines.slice(start + 1).findIndex((line) => /^(segment|tail|end)/.test(line));
  return { start, end: start + 1 + after };
}

export const editAnchor =
  (change: (proof: AnchorProof, world: World) => AnchorProof): Tamper =>
  (world) => {
    const line = world.lines[at(world.lines, 'anchor ')] ?? '';
    const changed = change(parseAnchorProof(line.slice('anchor '.length)), world);
    return world.lines.with(at(world.lines, 'anchor '), `anchor ${formatAnchorProof(changed)}`);
  };

/** Changes leaves of the line that begins at that number. */
export const editLeaves =
  (first: number, change: (leaves: Buffer[]) => Buffer[]): Tamper =>
  ({ lines }) => {
    const start = `leaves ${first} `;
    const bytes = Buffer.from((lines[at(lines, start)] ?? '').slice(start.length), 'base64');
    const leaves = Array.from({ length: bytes.length / 32 }, (_, place) =>
      bytes.subarray(32 * place, 32 * place + 32),
    );
    const changed = Buffer.concat(change(leaves)).toString('base64');
    return lines.with(at(lines, start), `${start}${changed}`);
  };

export const cutAfter =
  (start: string, ...more: string[]): Tamper =>
  ({ lines }) => [...lines.slice(0, at(lines, start) + 1), ...more, ''];

export const flipFirst = (bytes: Uint8Array): Uint8Array => bytes.with(0, (bytes[0] ?? 0) ^ 1);
export const flip = (text: string): string =>
  text.replace(/[0-9a-f](?=[0-9a-f]*$)/, (digit) => (digit === '0' ? '1' : '0'));
