// The keeper of the archive, in the server: has the archivist follow what is durable, seals when it is
// due, and keeps files in order. When the archivist is away nothing here fails but what asks for it.

import type { Clock, Random } from '@countersign/vocabulary';
import type { ArchiveClient, FileTrouble, SealedSegment } from '../client/archive-client.ts';
import type { SegmentTable } from '../tables.ts';
import type { ArchiveLimits, ArchiveRoom, ArchiveStore } from './archive-room.ts';
import {
  changeRetention,
  type Retention,
  type RetentionChange,
  readRetention,
} from './change-retention.ts';
import { compactFiles } from './compact-files.ts';
import { eachInTurn } from './each-in-turn.ts';
import {
  askErasure,
  type Erasure,
  type ErasureRequest,
  eraseAsked,
  listErasures,
} from './erase-person.ts';
import { expireFiles } from './expire-files.ts';
import { pruneHot } from './prune-hot.ts';
import { clearTrouble, noteTrouble, recallFiles, sealHot } from './seal-hot.ts';

export interface ArchiveParts {
  store: ArchiveStore;
  client: ArchiveClient;
  /** DATA/archive, where the archivist writes. */
  folder: string;
  clock: Clock;
  random: Random;
  record: ArchiveRoom['record'];
  /** The longest that a key of ours may live. */
  longestKeyLifeSeconds: number;
  /** Default: nobody follows. */
  oldestNeeded?: ArchiveRoom['oldestNeeded'];
  limits?: Partial<ArchiveLimits>;
}

export interface Archive {
  readonly client: ArchiveClient;
  /** The newest event that is durable: what a search may be asked to show. */
  newestSequence(): Promise<number>;
  /** Follows and seals what is due. About four times a second. */
  tick(): Promise<void>;
  /** Erases, puts together, deletes, prunes, and looks into one file. About once a minute. */
  tidy(): Promise<void>;
  sealNow(): Promise<SealedSegment[]>;
  listSegments(query: { tenant: string; after: number; limit: number }): Promise<SegmentTable[]>;
  listTroubles(tenant: string | undefined): Promise<Omit<FileTrouble, 'detail'>[]>;
  readRetention(tenant: string): Promise<Retention>;
  changeRetention(change: RetentionChange): Promise<Retention>;
  askErasure(request: ErasureRequest): Promise<Erasure>;
  listErasures(tenant: string | undefined): Promise<Erasure[]>;
}

const DEFAULT_LIMITS: ArchiveLimits = {
  sealEverySeconds: 3600,
  sealEvents: 100_000,
  sealCharacters: 128 * 1024 * 1024,
  hotHours: 24,
  largestFileBytes: 256 * 1024 * 1024,
};

export function createArchive(parts: ArchiveParts): Archive {
  const room: ArchiveRoom = {
    ...parts,
    limits: { ...DEFAULT_LIMITS, ...parts.limits },
    recording: { jobs: 0 },
    oldestNeeded: parts.oldestNeeded ?? (async () => Number.MAX_SAFE_INTEGER),
  };
  const newest = new NewestSequence(room.store);
  const sealer = new Sealer(room, newest);
  let checked = '';
  return {
    client: room.client,
    newestSequence: () => newest.read(),
    tick: () => sealer.tick(),
    async tidy() {
      const lookIntoOne = async () => {
        checked = await checkNext(room, checked);
      };
      // An archivist that began again unnoticed left files of the one before it.
      const clear = async () => {
        if (room.recording.jobs === 0) await recallFiles(room, { clear: true });
      };
      const jobs = [eraseAsked, compactFiles, expireFiles, pruneHot, lookIntoOne, clear];
      await eachInTurn(jobs, (job) => job(room));
    },
    sealNow: () => sealer.sealNow(),
    listSegments: ({ tenant, after, limit }) =>
      room.store.read
        .selectFrom('segment')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('segment', '>', after)
        .orderBy('segment')
        .limit(limit)
        .execute(),
    listTroubles: (tenant) => listTroubles(room, tenant),
    readRetention: (tenant) => readRetention(room, tenant),
    changeRetention: (change) => changeRetention(room, change),
    askErasure: async (request) => askErasure(room, request, await newest.read()),
    listErasures: (tenant) => listErasures(room, tenant),
  };
}

/** The newest durable event. A job resolves when it is durable, and all before it with it. */
class NewestSequence {
  readonly #store: ArchiveStore;
  #known = 0;

  constructor(store: ArchiveStore) {
    this.#store = store;
  }

  async read(): Promise<number> {
    const seen = await maxSequence(this.#store.read);
    if (seen <= this.#known) return this.#known;
    const durable = await this.#store.transaction((tx) => maxSequence(tx));
    this.#known = Math.max(this.#known, durable);
    return this.#known;
  }
}

async function maxSequence(db: Pick<ArchiveStore['read'], 'selectFrom'>): Promise<number> {
  const row = await db
    .selectFrom('event')
    .select(({ fn }) => fn.max('sequence').as('newest'))
    .executeTakeFirst();
  return Number(row?.newest ?? 0);
}

class Sealer {
  readonly #room: ArchiveRoom;
  readonly #newest: NewestSequence;
  /** After each failure: the archivist may be another process now, and knows nothing of what was told. */
  #recallDue = true;
  /** And what a crash left is cleared away, once nothing is on its way to the record. */
  #clearDue = true;
  #sealing: Promise<SealedSegment[]> | undefined;
  /** Of sealing beside following, told at the next turn. */
  readonly #failed: unknown[] = [];

  constructor(room: ArchiveRoom, newest: NewestSequence) {
    this.#room = room;
    this.#newest = newest;
  }

  async tick(): Promise<void> {
    try {
      if (this.#recallDue) await recallFiles(this.#room);
      this.#recallDue = false;
      if (this.#clearDue && this.#room.recording.jobs === 0) {
        await recallFiles(this.#room, { clear: true });
        this.#clearDue = false;
      }
      await this.#follow();
      const [failed] = this.#failed.splice(0);
      if (failed !== undefined) throw failed;
    } catch (error) {
      this.#recallDue = true;
      this.#clearDue = true;
      throw error;
    }
  }

  /** One at a time; following goes on meanwhile. */
  sealNow(): Promise<SealedSegment[]> {
    this.#sealing ??= sealHot(this.#room).finally(() => {
      this.#sealing = undefined;
    });
    return this.#sealing;
  }

  async #follow(): Promise<void> {
    const { client, clock, limits } = this.#room;
    const through = await this.#newest.read();
    for (let before = -1; ; ) {
      const followed = await client.follow(through);
      const ageMs = clock.nowMs() - (followed.hotSinceMs ?? clock.nowMs());
      // Full: nothing more is followed until it was sealed.
      const full = followed.sequence === before && followed.sequence < through;
      const due =
        full ||
        followed.hotEvents >= limits.sealEvents ||
        followed.hotCharacters >= limits.sealCharacters ||
        ageMs >= limits.sealEverySeconds * 1000;
      const sealing = due ? this.sealNow() : undefined;
      if (full) await sealing;
      else sealing?.catch((error: unknown) => this.#failed.push(error));
      if (followed.sequence >= through) return;
      before = followed.sequence;
    }
  }
}

/** Looks into the file after the one that was looked into last: each gets its turn. */
async function checkNext(room: ArchiveRoom, after: string): Promise<string> {
  const next = await room.store.read
    .selectFrom('segment_file')
    .select(['tenant', 'file'])
    .where('file', '>', after)
    .orderBy('file')
    .limit(1)
    .executeTakeFirst();
  if (next === undefined) return '';
  const { trouble } = await room.client.check(next);
  if (trouble === undefined) await clearTrouble(room, next.file);
  else await noteTrouble(room, trouble);
  return next.file;
}

async function listTroubles(
  { store }: ArchiveRoom,
  tenant: string | undefined,
): Promise<Omit<FileTrouble, 'detail'>[]> {
  let query = store.read
    .selectFrom('segment_file')
    .select(['tenant', 'file', 'trouble'])
    .where('trouble', 'is not', null);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  return (await query.execute()) as Omit<FileTrouble, 'detail'>[];
}
