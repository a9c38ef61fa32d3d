// Leaves that tell of keys. Each event of our keys was announced before the log was asked, so a leaf
// that nobody announced was submitted by somebody else: a key in our name that we never made. There
// is no grace and no excuse of a crash; only the number of findings is bounded, and a key that our
// signer holds is told of without being ended.

import {
  decodeLogEntry,
  encodeBase64url,
  FormatError,
  hashIssuer,
  type KeyEntry,
} from '@countersign/verifier';
import { describeNumbers, type NumberedItem } from '../classify/match-numbers.ts';
import type { Verdict } from '../classify/verdict.ts';
import { hashBytes, hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/numbered-places.ts';
import type { FindingDraft, NamedKey } from './finding.ts';
import type { OwnKey, ReconcilerSources } from './sources.ts';

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

/**
 * @param missing leaves among `entries`, which begin at `from`, that have no ledger row
 * @throws whatever the signer threw: then nobody can say whose key it is, and it is judged again
 */
export async function judgeKeyLeaves(
  room: AuditRoom,
  from: number,
  entries: readonly Uint8Array[],
  missing: readonly NumberedItem[],
  { listOwnKeys }: Pick<ReconcilerSources, 'listOwnKeys'>,
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
  if (rogue.length === 0) return { tokens, drafts: [] };
  const ours = await readOwnKeys(room, (await listOwnKeys?.()) ?? []);
  return { tokens, drafts: describeRogues(room, rogue, ours) };
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

function describeRogues(room: AuditRoom, rogue: readonly KeyLeaf[], ours: OwnKeys): FindingDraft[] {
  const named: FindingDraft[] = [];
  const rest: KeyLeaf[] = [];
  const moreKeys: NamedKey[] = [];
  for (const leaf of rogue) {
    const { kid, thumbprint } = leaf.entry;
    const issuer = ours.issuers.get(hexOf(leaf.entry.issuerHash));
    if (issuer === undefined) {
      rest.push(leaf);
      continue;
    }
    const held = ours.held.has(`${nameOf(issuer, kid)} ${encodeBase64url(thumbprint)}`);
    const verdict = ours.kids.has(nameOf(issuer, kid)) ? OF_OWN_KID : held ? UNKNOWN_OWN : ROGUE;
    if (named.length < MOST_NAMED) {
      named.push(rogueKey(room, leaf, issuer, verdict));
      continue;
    }
    rest.push(leaf);
    if (verdict === ROGUE) moreKeys.push({ issuer, kid });
  }
  return rest.length === 0 ? named : [...named, { ...rogueLeaves(room, rest), moreKeys }];
}

interface OwnKeys {
  /** By the hex of their hash. */
  issuers: Map<string, string>;
  /** Of the ledger. */
  kids: Set<string>;
  /** Of the signer, with their thumbprints: a kid alone could be written by anybody. */
  held: Set<string>;
}

async function readOwnKeys(room: AuditRoom, held: readonly OwnKey[]): Promise<OwnKeys> {
  const rows = await room.store.read
    .selectFrom('key_event')
    .select(['issuer', 'kid'])
    .distinct()
    .execute();
  return {
    issuers: new Map([...rows, ...held].map(({ issuer }) => [hexOf(hashIssuer(issuer)), issuer])),
    kids: new Set(rows.map(({ issuer, kid }) => nameOf(issuer, kid))),
    held: new Set(
      held.map(({ issuer, kid, thumbprint }) => `${nameOf(issuer, kid)} ${thumbprint}`),
    ),
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

/** A kid of ours must not be quarantined because somebody else wrote it down. */
const OF_OWN_KID: Verdict = { ...ROGUE, reason: 'own_key_logged_by_others' };

const UNKNOWN_OWN: Verdict = {
  ...ROGUE,
  reason: 'own_key_not_in_ledger',
  severity: 'high',
  message:
    'The log holds an event of a key that our signer holds and the ledger does not know: the ledger is older than the log, or somebody else logged it.',
};

function rogueKey(
  room: AuditRoom,
  { item, entry }: KeyLeaf,
  issuer: string,
  verdict: Verdict,
): FindingDraft {
  const realm = room.ownership.realmOfIssuer(issuer);
  return {
    verdict,
    subjectKey: `log:${item.number}`,
    count: 1,
    happenedMs: room.clock.nowMs(),
    token: { kind: 'other', ...room.logs.describe(item.number), kid: entry.kid, issuer },
    extra: {
      event: entry.event,
      thumbprint: encodeBase64url(entry.thumbprint),
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
