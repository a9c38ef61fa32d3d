// Writes events of any content into the event table of a test.

import type { History } from './open-history.ts';

export interface RawEvent {
  uid: string;
  tenant: string | null;
  timeMs: number;
  name?: string;
  source?: string;
  ocsf: object;
}

/** @returns the newest sequence number */
export async function writeRaw(history: History, events: readonly RawEvent[]): Promise<number> {
  await history.store.transaction(async (tx) => {
    for (const { uid, tenant, timeMs, name = 'token.issued', source, ocsf } of events) {
      const text = canonicalText({ ...ocsf, metadata: { uid }, time: timeMs });
      const row = { uid, tenant, time_ms: timeMs, name, ocsf: text, salt: new Uint8Array(16) };
      await tx
        .insertInto('event')
        .values({ ...row, source: source ?? null })
        .execute();
    }
  });
  return history.newest();
}

/** As stored: canonical JSON (RFC 8785). */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(
          Object.keys(member)
            .sort()
            .map((name) => [name, member[name]]),
        )
      : member,
  );
}
