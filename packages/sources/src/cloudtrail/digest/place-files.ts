// Where an object of a bucket should lie below the folder that was downloaded. A file that lies
// elsewhere was moved, and what is signed is not what is read.

import type { Digest } from './read-digest.ts';

/** Takes `strip` from the beginning of an object's name and puts `add` there. */
interface Placement {
  strip: string;
  add: string;
}

/** The placement that most digests agree on: a bucket, or a part of one, copied as it is. */
export function placementOf(digests: readonly Digest[]): Placement {
  const counts = new Map<string, { placement: Placement; count: number }>();
  for (const { object, path } of digests) {
    const placement = fit(object, path);
    if (placement === undefined) continue;
    const id = JSON.stringify(placement);
    const known = counts.get(id) ?? { placement, count: 0 };
    known.count += 1;
    counts.set(id, known);
  }
  const [most] = [...counts.values()].sort((one, other) => other.count - one.count);
  return most?.placement ?? { strip: '', add: '' };
}

/** Undefined when the object lies outside of what was downloaded. */
export function pathOf(object: string, { strip, add }: Placement): string | undefined {
  return object.startsWith(strip) ? `${add}${object.slice(strip.length)}` : undefined;
}

function fit(object: string, path: string): Placement | undefined {
  if (object === path) return { strip: '', add: '' };
  if (path.endsWith(`/${object}`)) {
    return { strip: '', add: path.slice(0, path.length - object.length) };
  }
  if (object.endsWith(`/${path}`)) {
    return { strip: object.slice(0, object.length - path.length), add: '' };
  }
  return undefined;
}
