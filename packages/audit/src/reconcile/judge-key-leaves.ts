// Leaves that tell of keys. Each event of our keys was announced before the log was asked, so a leaf
// that nobody announced was submitted by somebody else: a key in our name that we never made. There
// is no grace and no excuse of a crash; only the number of findings is bounded.

import { decodeLogEntry, FormatError, hashIssuer, type KeyEntry } from '@countersign/verifier';
import { describeNumbers, type NumberedItem } from '../classify/match-numbers.ts';
import type { Verdict } from '../classify/verdict.ts';
import { hashBytes, hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/log-places.ts';
import type { FindingDraft, NamedKey } from './finding.ts';

interface KeyLeaf {
  item: NumberedItem;
  entry: KeyEntry;
}

/** Rogue keys of a page that get a finding each; the rest share one, which ends them just as well. */
const MOST_NAMED = 16;

export interface SortedLeaves {
  /** Leaves of tokens without a ledger row. */
  tokens: NumberedItem[];
  drafts: FindingDraft[];
}

/** @param missing leaves among `entries`, which begin at `from`, that have no ledger row */
export async function judgeKeyLeaves(
  room: AuditRoom,
  from: number,
  entries: readonly Uint8Array[],
  missing: readonly NumberedItem[],
): Promise<SortedLeaves> {
  const tokens: NumberedItem[] = [];
  const keys: KeyLeaf[] = [];
  for (const item of missing) {
    const entry = readKeyEntry(entries[item.number - from]);
    if (entry === undefined) tokens.push(item);
    else keys.push({ item, entry });
  }
  if (keys.length === 0) return { tokens, drafts: [] };
  const rogue = await withoutAnnounced(room, keys);
  return { tokens, drafts: rogue.length === 0 ? [] : await describeRogues(room, rogue) };
}

function readKeyEntry(entry: Uint8Array | undefined): KeyEntry | undefined {
  if (entry === undefined) return undefined;
  try {
    const read = decodeLogEntry(entry);
    return read.kind === 'key' ? read : undefined;
  } catch (error) {
    // What is no entry at all is judged like a token's: it was never issued.
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

async function withoutAnnounced(room: AuditRoom, keys: readonly KeyLeaf[]): Promise<KeyLeaf[]> {
  const rows = await room.store.read
    .selectFrom('key_event')
    .select('leaf_hash')
    .where(
      'leaf_hash',
      'in',
      keys.map(({ item }) => hashBytes(item.hash)),
    )
    .execute();
  const announced = new Set(rows.map((row) => hexOf(row.leaf_hash)));
  return keys.filter(({ item }) => !announced.has(item.hash));
}

async function describeRogues(room: AuditRoom, rogue: readonly KeyLeaf[]): Promise<FindingDraft[]> {
  const ours = await readOwnKeys(room);
  const named: FindingDraft[] = [];
  const rest: KeyLeaf[] = [];
  const moreKeys: NamedKey[] = [];
  for (const leaf of rogue) {
    const { kid } = leaf.entry;
    const issuer = ours.issuers.get(hexOf(leaf.entry.issuerHash));
    const ownKid = issuer !== undefined && ours.kids.has(nameOf(issuer, kid));
    if (issuer !== undefined && named.length < MOST_NAMED) {
      named.push(rogueKey(room, leaf, issuer, ownKid));
      continue;
    }
    rest.push(leaf);
    if (issuer !== undefined && !ownKid) moreKeys.push({ issuer, kid });
  }
  return rest.length === 0 ? named : [...named, { ...rogueLeaves(room, rest), moreKeys }];
}

interface OwnKeys {
  /** By the hex of their hash. */
  issuers: Map<string, string>;
  kids: Set<string>;
}

async function readOwnKeys(room: AuditRoom): Promise<OwnKeys> {
  const rows = await room.store.read
    .selectFrom('key_event')
    .select(['issuer', 'kid'])
    .distinct()
    .execute();
  return {
    issuers: new Map(rows.map(({ issuer }) => [hexOf(hashIssuer(issuer)), issuer])),
    kids: new Set(rows.map(({ issuer, kid }) => nameOf(issuer, kid))),
  };
}

function nameOf(issuer: string, kid: string): string {
  return `${issuer} ${kid}`;
}

const ROGUE: Verdict = {
  class: 'rogue',
  reason: 'key_logged_but_not_ours',
  severity: 'critical',
  proven: true,
  message:
    'The log holds an event of a key in our name that we never made: a submission credential is in other hands.',
};

function rogueKey(
  room: AuditRoom,
  { item, entry }: KeyLeaf,
  issuer: string,
  ownKid: boolean,
): FindingDraft {
  const realm = room.ownership.realmOfIssuer(issuer);
  return {
    // A kid of ours must not be quarantined because somebody else wrote it down.
    verdict: ownKid ? { ...ROGUE, reason: 'own_key_logged_by_others' } : ROGUE,
    subjectKey: `log:${item.number}`,
    count: 1,
    happenedMs: room.clock.nowMs(),
    token: { kind: 'other', ...room.logs.describe(item.number), kid: entry.kid, issuer },
    extra: {
      event: entry.event,
      thumbprint: Buffer.from(entry.thumbprint).toString('base64url'),
      leafHash: item.hash,
    },
    ...(realm === undefined ? {} : { realm }),
  };
}

/** For issuers that are not ours, and for what is too much to name one by one. */
function rogueLeaves(room: AuditRoom, leaves: readonly KeyLeaf[]): FindingDraft {
  const numbers = leaves.map(({ item }) => item.number);
  const first = numbers[0] ?? 0;
  return {
    verdict: { ...ROGUE, message: 'The log holds events of keys that we never made.' },
    subjectKey: `log:${first}`,
    count: numbers.length,
    happenedMs: room.clock.nowMs(),
    token: { kind: 'other', ...room.logs.describe(first) },
    extra: { count: numbers.length, numbers: describeNumbers(numbers.map(indexOf)) },
  };
}
