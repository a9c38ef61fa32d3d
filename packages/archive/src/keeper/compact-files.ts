// Sealed files are put together when their hour, day and month are over, so that a year of a tenant is a
// few files. The segments in them stay what they are: each is still proven by its own root.

import type { SegmentFileTable } from '../tables.ts';
import type { ArchiveRoom } from './archive-room.ts';
import { eachInTurn, unlessDamaged } from './each-in-turn.ts';
import { flushFile } from './flush-file.ts';
import { type FileSpan, replaceFiles } from './record-segments.ts';
import { recallFiles } from './seal-hot.ts';

const DAY_MS = 86_400_000;
/** From which span to which, and what counts as one period of it. */
const STEPS = [
  { from: 'seal', to: 'hour', period: (ms: number) => Math.floor(ms / 3_600_000) },
  { from: 'hour', to: 'day', period: (ms: number) => Math.floor(ms / DAY_MS) },
  { from: 'day', to: 'month', period: (ms: number) => monthOf(ms) },
] as const satisfies readonly { from: FileSpan; to: FileSpan; period(ms: number): number }[];

/** @returns files that were put together */
export async function compactFiles(room: ArchiveRoom): Promise<number> {
  let done = 0;
  for (const step of STEPS) {
    const files = await room.store.read
      .selectFrom('segment_file')
      .selectAll()
      .where('span', '=', step.from)
      .where('trouble', 'is', null)
      .orderBy('tenant')
      .orderBy('first')
      .execute();
    const over = step.period(room.clock.nowMs());
    const ready = files.filter(({ made_ms }) => step.period(made_ms) < over);
    const groups = groupFiles(ready, step.period, room.limits.largestFileBytes);
    await eachInTurn(groups, async (group) => {
      const job = () => putTogether(room, group, step.to);
      if (await unlessDamaged(room, group, job)) done += group.length;
    });
  }
  return done;
}

/** Runs of neighbours in the same period of the same tenant, each no larger than a file may be. */
export function groupFiles(
  files: readonly SegmentFileTable[],
  period: (ms: number) => number,
  largestBytes: number,
): SegmentFileTable[][] {
  const groups: SegmentFileTable[][] = [];
  let bytes = 0;
  for (const file of files) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const joins =
      before !== undefined &&
      before.tenant === file.tenant &&
      before.last + 1 === file.first &&
      period(before.made_ms) === period(file.made_ms) &&
      bytes + file.bytes <= largestBytes;
    bytes = joins ? bytes + file.bytes : file.bytes;
    if (joins) group?.push(file);
    else groups.push([file]);
  }
  return groups;
}

async function putTogether(
  room: ArchiveRoom,
  group: readonly SegmentFileTable[],
  span: FileSpan,
): Promise<boolean> {
  const [first, last] = [group[0], group.at(-1)];
  if (first === undefined || last === undefined) return false;
  const { tenant } = first;
  if (!(await allAnchored(room, tenant, first.first, last.last))) return false;
  const names = group.map(({ file }) => file);
  const { file } = group.length === 1 ? {} : await room.client.rewrite({ tenant, files: names });
  // One alone, or of texts too long to share a file: they stay as they are.
  if (file === undefined) {
    await room.store.transaction((tx) =>
      tx.updateTable('segment_file').set({ span }).where('file', 'in', names).execute(),
    );
    return false;
  }
  await flushFile(room.folder, file);
  await room.store.transaction(async (tx) => {
    await replaceFiles(tx, names, file, span, last.made_ms);
    await tx
      .updateTable('segment')
      .set({ state: 'compacted' })
      .where('tenant', '=', tenant)
      .where('first', '>=', first.first)
      .where('last', '<=', last.last)
      .where('state', '=', 'anchored')
      .execute();
  });
  await recallFiles(room);
  return true;
}

async function allAnchored(
  { store }: ArchiveRoom,
  tenant: string,
  first: number,
  last: number,
): Promise<boolean> {
  const { waiting } = await store.read
    .selectFrom('segment')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('tenant', '=', tenant)
    .where('first', '>=', first)
    .where('last', '<=', last)
    .where('state', '=', 'sealed')
    .executeTakeFirstOrThrow();
  return Number(waiting) === 0;
}

function monthOf(ms: number): number {
  const date = new Date(ms);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
