// An event as the API shows it: the stored OCSF event, with its place in the order and in the chain.

import type { FoundEvent } from '@countersign/archive';

export interface ShownEvent {
  sequence: number;
  number: number;
  uid: string;
  tenant: string;
  timeMs: number;
  name: string;
  severityId: number;
  /** Absent when the event was erased. */
  ocsf?: Record<string, unknown>;
  erased?: true;
}

export function showEvent({ ocsf, erased, ...facts }: FoundEvent): ShownEvent {
  if (ocsf === undefined) return { ...facts, ...(erased === undefined ? {} : { erased }) };
  return { ...facts, ocsf: withSequence(JSON.parse(ocsf), facts.sequence) };
}

/** OCSF has a place for the order of recording; it is not part of what was stored. */
export function withSequence(
  ocsf: Record<string, unknown>,
  sequence: number,
): Record<string, unknown> {
  const metadata = ocsf['metadata'];
  const known = typeof metadata === 'object' && metadata !== null ? metadata : {};
  return { ...ocsf, metadata: { ...known, sequence } };
}
