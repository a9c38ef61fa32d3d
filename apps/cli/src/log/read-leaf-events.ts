// Reads the server's record page by page and picks the leaves of a tenant out of it, without believing
// that an answer is what it should be: what a monitor takes for recorded must not come from a mishap.

import { decodeHex } from '@countersign/verifier';
import { cliError } from '../cli-error.ts';
import { fetchJson } from '../http/fetch-json.ts';
import { isObject, type JsonObject, listIn } from '../http/read-member.ts';
import type { LeafRecord } from './keep-records.ts';

/** Every event that tells of a leaf in a tenant's name. */
const NAMES = 'token.issued,token.refreshed,token.abandoned';
const PAGE = 1000;

/** What a run came across; leaves of the other log are counted so that nobody overlooks it. */
export interface RecordCounts {
  added: number;
  withoutHash: number;
  otherLogs: number;
}

export interface WantedLeaves {
  server: URL;
  credential: string;
  tenant: string;
  /** The log that the leaves are in. */
  log: string;
  /** The log of events that name none: while there is one log, they need not. */
  first: string;
  /** The event after which to begin. */
  after: number;
}

/** The leaves of one page after another, oldest first. @throws CodedError as `fetchJson` */
export async function* readLeafEvents(
  wanted: WantedLeaves,
  counts: RecordCounts,
): AsyncGenerator<LeafRecord[]> {
  for await (const events of readPages(wanted)) {
    const records = events.flatMap((event) => readRecord(event, wanted, counts));
    counts.added += records.length;
    yield records;
  }
}

async function* readPages(wanted: WantedLeaves): AsyncGenerator<JsonObject[]> {
  const { server, credential, tenant } = wanted;
  for (let { after } = wanted; ; ) {
    const url = new URL('/api/v1/events', server);
    const query = { name: NAMES, tenant, after: `${after}`, limit: `${PAGE}` };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const { body } = await fetchJson(url, { credential });
    const events = listIn(body, 'events');
    yield events;
    if (events.length < PAGE) return;
    const next = isObject(body) ? body['next'] : undefined;
    if (typeof next !== 'number' || !Number.isSafeInteger(next) || next <= after)
      throw cliError('answer_malformed', 'The server does not say where its record goes on.');
    after = next;
  }
}

function readRecord(
  event: JsonObject,
  { log, first, after }: WantedLeaves,
  counts: RecordCounts,
): LeafRecord[] {
  const { sequence } = event;
  const facts = factsIn(event);
  const { log_index: index, log_origin: origin = first, leaf_hash: leafHash } = facts;
  // Tokens that are no JWTs have events of the same names, and no leaf.
  if (index === undefined) return [];
  if (origin !== log) {
    counts.otherLogs += 1;
    return [];
  }
  if (leafHash === undefined) {
    counts.withoutHash += 1;
    return [];
  }
  const isHash = typeof leafHash === 'string' && decodeHex(leafHash)?.length === 32;
  // What is on file already would be added once more, and the next run would begin too early.
  const isNew = isWhole(sequence) && sequence > after;
  if (!isWhole(index) || !isNew || !isHash)
    throw cliError('answer_malformed', 'The server sent an event whose leaf cannot be read.');
  return [{ index, leafHash, sequence }];
}

/** Our extension; what was abandoned under older servers has the hash among its extra facts. */
function factsIn({ ocsf }: JsonObject): JsonObject {
  const unmapped = isObject(ocsf) ? ocsf['unmapped'] : undefined;
  const facts = isObject(unmapped) ? unmapped['countersign'] : undefined;
  if (!isObject(facts))
    throw cliError('answer_malformed', 'The server sent an event without its facts.');
  const { extra } = facts;
  const early = isObject(extra) ? extra['leafHash'] : undefined;
  return facts['leaf_hash'] === undefined ? { ...facts, leaf_hash: early } : facts;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
