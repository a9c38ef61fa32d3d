// Lists of networks that are known to be a data centre, a VPN, an exit of Tor, a relay or a proxy, joined:
// one search a kind, however many lists there are.

import type { Address } from '../address/parse-address.ts';
import { flattenRanges, type Range } from '../networks/network-ranges.ts';
import type { Anonymiser } from '../surroundings.ts';
import { HOSTING_ASNS } from './hosting-asns.ts';
import type { ReadList } from './read-list.ts';

export const LIST_KINDS = ['hosting', 'vpn', 'tor', 'relay', 'proxy'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

export interface NamedList {
  kind: ListKind;
  /** What people know it by: its file. */
  name: string;
  list: ReadList;
  /** When it was made, in milliseconds since the Unix epoch. */
  madeMs: number;
  /** From which age on it is not to be relied on. */
  staleAfterMs: number;
}

export interface ListedAs {
  hosting: boolean;
  anonymiser?: Anonymiser;
}

export interface ListFacts {
  kind: ListKind;
  name: string;
  entries: number;
  madeMs: number;
  stale: boolean;
}

export interface NetworkLists {
  /** What the lists say about an address and its ASN. */
  find(address: Address, asn: number | undefined): ListedAs;
  /** Whether one of them is too old to be relied on at `nowMs`. It is still asked: old is not wrong. */
  stale(nowMs: number): boolean;
  /** Each list, for people. */
  describe(nowMs: number): ListFacts[];
}

/** The most telling first. */
const ANONYMISERS: readonly Anonymiser[] = ['tor', 'vpn', 'proxy', 'relay'];

/** Without lists: the ASNs of public clouds alone. */
export function joinLists(lists: readonly NamedList[] = []): NetworkLists {
  const kinds = new Map<ListKind, JoinedKind>();
  for (const kind of LIST_KINDS) {
    const ofKind = lists.filter((list) => list.kind === kind).map(({ list }) => list);
    kinds.set(kind, joinKind(ofKind, kind === 'hosting' ? HOSTING_ASNS : new Set()));
  }
  const isListed = (kind: ListKind, address: Address, asn: number | undefined): boolean =>
    kinds.get(kind)?.has(address, asn) ?? false;
  const isStale = ({ madeMs, staleAfterMs }: NamedList, nowMs: number): boolean =>
    nowMs - madeMs > staleAfterMs;
  return {
    find(address, asn) {
      const anonymiser = ANONYMISERS.find((kind) => isListed(kind, address, asn));
      const hosting = isListed('hosting', address, asn);
      return anonymiser === undefined ? { hosting } : { hosting, anonymiser };
    },
    stale: (nowMs) => lists.some((list) => isStale(list, nowMs)),
    describe: (nowMs) =>
      lists.map((list) => ({
        ...{ kind: list.kind, name: list.name, entries: list.list.entries },
        ...{ madeMs: list.madeMs, stale: isStale(list, nowMs) },
      })),
  };
}

interface JoinedKind {
  has(address: Address, asn: number | undefined): boolean;
}

function joinKind(lists: readonly ReadList[], known: ReadonlySet<number>): JoinedKind {
  const asns = new Set([...known, ...lists.flatMap((list) => [...list.asns])]);
  const in4 = joinRanges(
    lists.flatMap(({ ranges4 }) => ranges4),
    (key) => key + 1,
  );
  const in6 = joinRanges(
    lists.flatMap(({ ranges6 }) => ranges6),
    (key) => key + 1n,
  );
  return {
    has(address, asn) {
      if (asn !== undefined && asns.has(asn)) return true;
      if (address.version === 4) return in4(address.value);
      return in6((BigInt(address.words[0]) << 32n) | BigInt(address.words[1]));
    },
  };
}

/** Networks may overlap and touch; what is asked is whether any holds the key. */
function joinRanges<Key extends number | bigint>(
  ranges: readonly Range<Key>[],
  next: (key: Key) => Key,
): (key: Key) => boolean {
  if (ranges.length === 0) return () => false;
  const sorted = ranges.toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const boundaries = flattenRanges(sorted, next);
  return (key) => {
    let low = 0;
    let high = boundaries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((boundaries[middle] as { start: Key }).start <= key) low = middle + 1;
      else high = middle;
    }
    return boundaries[low - 1]?.value === 1;
  };
}
