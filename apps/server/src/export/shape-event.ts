// An event of the chain as it leaves: the OCSF event with its place in the chain; and whether it is asked
// for, by the same rules as a search.

import { type ChainedEvent, extractColumns, readPersonsView } from '@countersign/archive';
import { addIntegrity, describeErased } from '@countersign/audit';
import { type ColumnValue, type Filter, matchesEvent } from '@countersign/search';
import { PRODUCT } from '../product.ts';

export interface ShapedEvent {
  number: number;
  ocsf: Record<string, unknown>;
}

export interface Wanted {
  tenant: string;
  filter: Filter;
  person?: { subject: string; realm: string } | undefined;
}

/** Undefined when it is not asked for. */
export function shapeEvent(event: ChainedEvent, wanted: Wanted): ShapedEvent | undefined {
  const { number, sequence, uid, timeMs, name, leaf, ocsf: stored } = event;
  if (stored === undefined) return shapeErased(event, wanted);
  const own = wanted.person === undefined || isOf(JSON.parse(stored), wanted.person);
  if (!own) return undefined;
  // The filter sees what the person sees: no question tells what is left out.
  const text = wanted.person === undefined ? stored : readPersonsView(stored);
  const ocsf = JSON.parse(text) as Record<string, unknown>;
  if (!isAll(wanted.filter)) {
    const columns = {
      ...extractColumns(ocsf),
      ...{ tenant: wanted.tenant, number, sequence, uid, time_ms: timeMs, name },
      source: name.includes(':') ? name.slice(0, name.indexOf(':')) : null,
    } as unknown as Record<string, ColumnValue>;
    if (!matchesEvent(wanted.filter, { columns, ocsf, text })) return undefined;
  }
  return { number, ocsf: addIntegrity(ocsf, { number, leaf }, sequence) };
}

/** What was erased is shown where everything is: a filter cannot know what it was about. */
function shapeErased(event: ChainedEvent, wanted: Wanted): ShapedEvent | undefined {
  if (wanted.person !== undefined || !isAll(wanted.filter)) return undefined;
  const { number, sequence, uid, timeMs, name, leaf } = event;
  const about = { uid, timeMs, name, tenant: wanted.tenant, product: PRODUCT };
  return { number, ocsf: describeErased(about, { number, leaf }, sequence) };
}

function isAll(filter: Filter): boolean {
  return filter.kind === 'and' && filter.parts.length === 0;
}

/** By the subject of the event as it was recorded, spelled exactly so, in its realm. */
function isOf(
  ocsf: Record<string, unknown>,
  { subject, realm }: NonNullable<Wanted['person']>,
): boolean {
  const { countersign } = (ocsf['unmapped'] ?? {}) as {
    countersign?: { sub?: unknown; realm?: unknown };
  };
  return countersign?.sub === subject && countersign.realm === realm;
}
