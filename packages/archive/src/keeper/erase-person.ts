// Takes one person's data out of the record: payload and salt of what they did go, from sealed files and
// from the event table; the leaves stay, so that every proof holds. Events of keys, findings and
// administration stay whole. It is resumed after a crash until it is done; then who it was is forgotten.

import { type ActorFacts, newId } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { archiveError } from '../archive-error.ts';
import type { ErasureTable, SegmentFileTable } from '../tables.ts';
import { type ArchiveRoom, ownerOf } from './archive-room.ts';
import { eachInTurn, unlessDamaged } from './each-in-turn.ts';
import { flushFile } from './flush-file.ts';
import { type FileSpan, replaceFiles } from './record-segments.ts';
import { recallFiles, sealHot } from './seal-hot.ts';

export interface ErasureRequest {
  tenant: string;
  /** As in `sub` of the person's tokens. */
  subject: string;
  by: ActorFacts;
  reason: string;
}

export interface Erasure {
  id: string;
  tenant: string;
  state: 'asked' | 'done';
  askedMs: number;
  askedBy: string;
  reason: string;
  /** How many lost their payload; absent until it is done. */
  events?: number;
  doneMs?: number;
}

const LONGEST_TEXT = 512;
const AT_ONCE = 500;

/** Durable when it resolves. @param throughSequence the newest event that is in its reach */
export async function askErasure(
  { store, clock, random }: ArchiveRoom,
  { tenant, subject, by, reason }: ErasureRequest,
  throughSequence: number,
): Promise<Erasure> {
  if (subject.trim() === '' || subject.length > LONGEST_TEXT || reason.length > LONGEST_TEXT) {
    throw archiveError('erasure_malformed', 'An erasure names one person, and says why.');
  }
  const row: ErasureTable = {
    ...{ id: newId(random), tenant, subject, reason, asked_by: by.id },
    ...{ asked_ms: clock.nowMs(), state: 'asked', through_sequence: throughSequence },
    ...{ events: 0, done_ms: null },
  };
  await store.transaction((tx) => tx.insertInto('erasure').values(row).execute());
  return erasureOf(row);
}

export async function listErasures(
  { store }: ArchiveRoom,
  tenant: string | undefined,
): Promise<Erasure[]> {
  let query = store.read.selectFrom('erasure').selectAll().orderBy('asked_ms', 'desc').limit(1000);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  return (await query.execute()).map(erasureOf);
}

/** @returns erasures that were ended */
export async function eraseAsked(room: ArchiveRoom): Promise<number> {
  const asked = await room.store.read
    .selectFrom('erasure')
    .selectAll()
    .where('state', '=', 'asked')
    .orderBy('asked_ms')
    .execute();
  if (asked.length === 0) return 0;
  await sealHot(room);
  let ended = 0;
  await eachInTurn(asked, async (erasure) => {
    if (await eraseOne(room, erasure)) ended += 1;
  });
  return ended;
}

async function eraseOne(room: ArchiveRoom, erasure: ErasureTable): Promise<boolean> {
  const { tenant, subject, id } = erasure;
  if (subject === null || !(await allAnchored(room, erasure))) return false;
  const files = await room.store.read
    .selectFrom('segment_file')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('first')
    .execute();
  // A file that cannot be read now may hold this person: it stays asked for until it can.
  if (files.some(({ trouble }) => trouble !== null)) return false;
  for (const file of files) {
    const job = () => eraseIn(room, erasure, file, subject).then(() => true);
    if ((await unlessDamaged(room, [file], job)) === undefined) return false;
  }
  const nowMs = room.clock.nowMs();
  await room.store.transaction((tx) =>
    tx
      .updateTable('erasure')
      .set({ state: 'done', subject: null, done_ms: nowMs })
      .where('id', '=', id)
      .execute(),
  );
  await tellErased(room, erasure, nowMs);
  return true;
}

async function eraseIn(
  room: ArchiveRoom,
  erasure: ErasureTable,
  file: Pick<SegmentFileTable, 'file' | 'span' | 'made_ms'>,
  subject: string,
): Promise<void> {
  const { tenant, id } = erasure;
  const cut = { what: 'person', subject } as const;
  const rewritten = await room.client.rewrite({ tenant, files: [file.file], cut });
  if (rewritten.file === undefined) return;
  const { file: written, sequences } = rewritten;
  await flushFile(room.folder, written);
  // The event table first: as long as the old file is on record, all this is found and done again.
  for (let at = 0; at < sequences.length; at += AT_ONCE) {
    const some = sequences.slice(at, at + AT_ONCE);
    await room.store.transaction((tx) =>
      tx.deleteFrom('event').where('sequence', 'in', some).execute(),
    );
  }
  await room.store.transaction(async (tx) => {
    await replaceFiles(tx, [file.file], written, file.span as FileSpan, file.made_ms);
    await tx
      .updateTable('erasure')
      .set({ events: sql<number>`coalesce(events, 0) + ${rewritten.cut}` })
      .where('id', '=', id)
      .execute();
  });
  await recallFiles(room);
  // There may be more than one answer can name.
  await eraseIn(room, erasure, { ...file, file: written.file }, subject);
}

async function allAnchored(
  { store }: ArchiveRoom,
  { tenant, through_sequence }: ErasureTable,
): Promise<boolean> {
  const waiting = await store.read
    .selectFrom('segment')
    .select('segment')
    .where('tenant', '=', tenant)
    .where('first_sequence', '<=', through_sequence)
    .where('state', '=', 'sealed')
    .limit(1)
    .executeTakeFirst();
  const { sealed } = await store.read
    .selectFrom('segment')
    .select(({ fn }) => fn.max('through_sequence').as('sealed'))
    .executeTakeFirstOrThrow();
  return waiting === undefined && (sealed ?? 0) >= through_sequence;
}

async function tellErased(
  { store, record }: ArchiveRoom,
  { id, tenant, asked_by, reason }: ErasureTable,
  timeMs: number,
): Promise<void> {
  const done = await store.read
    .selectFrom('erasure')
    .select('events')
    .where('id', '=', id)
    .executeTakeFirst();
  await record([
    {
      ...{ name: 'audit.erased', timeMs, ...ownerOf(tenant), item: { kind: 'erasure', id } },
      ...{ actor: { kind: 'operator', id: asked_by, reason }, count: done?.events ?? 0 },
    },
  ]);
}

function erasureOf(row: ErasureTable): Erasure {
  return {
    ...{ id: row.id, tenant: row.tenant, state: row.state as Erasure['state'] },
    ...{ askedMs: row.asked_ms, askedBy: row.asked_by, reason: row.reason },
    ...(row.state === 'done' && row.events !== null ? { events: row.events } : {}),
    ...(row.done_ms === null ? {} : { doneMs: row.done_ms }),
  };
}
