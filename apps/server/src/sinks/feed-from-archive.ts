// A tenant's log for its sinks: by number in its chain, from the hot rows and the sealed files alike, so
// that a sink which was away for months goes on where it stood.

import type { ArchiveClient, ChainedEvent } from '@countersign/archive';
import type { EventFeed, PushedEvent } from '@countersign/connectors';

export interface HouseFeed extends EventFeed {
  /** The newest number of a tenant; 0 for none. */
  newest(tenant: string): Promise<number>;
}

export function feedFromArchive(archive: Pick<ArchiveClient, 'followed' | 'readRange'>): HouseFeed {
  const newestOf = async (tenant: string): Promise<number> => {
    const { heads } = await archive.followed();
    return heads.find((head) => head.tenant === tenant)?.count ?? 0;
  };
  return {
    newest: newestOf,
    async readAfter(tenant, position, limit) {
      const newest = await newestOf(tenant);
      if (newest <= position) return { events: [], through: position, newest };
      const read = await archive.readRange({ tenant, from: position + 1, limit });
      const last = read.at(-1)?.number;
      // Numbers without an event belong to what was deleted after its time.
      const through = last ?? Math.min(position + limit, newest);
      return { events: read.flatMap(asPushed), through, newest };
    },
  };
}

/** What was erased is not sent: nothing is left of it that could be. */
function asPushed({ number, uid, timeMs, name, ocsf }: ChainedEvent): PushedEvent[] {
  if (ocsf === undefined) return [];
  return [{ position: number, uid, timeMs, name, severityId: severityOf(ocsf), ocsf }];
}

/** Without parsing the event, which goes on as it is. */
function severityOf(ocsf: string): number {
  return Number(/"severity_id":(\d{1,2})[,}]/.exec(ocsf)?.[1] ?? 1);
}
