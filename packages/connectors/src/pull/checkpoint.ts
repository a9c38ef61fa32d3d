// How far a source has been read. Stored after the records of a page are durable, so that whoever goes
// on after a crash reads at most a page twice; a record that comes twice is known by its key.

import { z } from 'zod';

const ms = z.number().int().min(0);

const checkpointSchema = z.object({
  /** Everything is read that had turned up by then and happened before. */
  watermarkMs: ms.optional(),
  /** When the whole overlap was last read again, for records that turn up late. */
  deepMs: ms.optional(),
  /** A window that is being read: which feed, and its next page. */
  window: z
    .object({
      fromMs: ms,
      toMs: ms,
      deep: z.boolean(),
      feed: z.number().int().min(0),
      next: z.string().max(16_384).optional(),
      restarts: z.number().int().min(0),
    })
    .optional(),
  /** Where a service that hands on its own order goes on. */
  poll: z.string().max(16_384).optional(),
  /** Ids of what was fetched already, of services that list it again. */
  seen: z.array(z.string().max(512)).max(20_000).optional(),
  /** Feeds that were switched on. */
  subscribed: z.array(z.string().max(64)).max(20).optional(),
});

export type Checkpoint = z.output<typeof checkpointSchema>;
export type PullWindow = NonNullable<Checkpoint['window']>;

/** A checkpoint that cannot be read is none: everything is read again, and nothing recorded twice. */
export function readCheckpoint(text: string | null): Checkpoint {
  if (text === null) return {};
  try {
    const parsed = checkpointSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}

export interface PullGap {
  /** Lost: older than the service keeps. Disabled: somebody switched the feed off. */
  reason: 'dropped' | 'source_disabled';
  count: number;
  firstMs?: number;
  lastMs?: number;
}

export interface PullPage {
  /** Texts of what came: JSON objects, or what is none and is counted as unreadable. */
  texts: string[];
  /** To be stored once they are durable. */
  checkpoint: Checkpoint;
  gaps?: PullGap[];
}
