// The answer of `log tokens`: the tenant's tokens, what else the log holds, and what is proven by it.

import { encodeHex, type TenantTagKey } from '@countersign/verifier';
import type { Answer, Page } from '../answer/answer.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';
import type { EntryCounts, TokenLine, Wanted } from './list-tenant-tokens.ts';
import { unpinnedRemark } from './name-log.ts';
import type { KnownLog } from './read-checkpoint.ts';

export interface Listing {
  log: KnownLog;
  tagKey: TenantTagKey;
  wanted: Wanted;
  counts: EntryCounts;
  /** The newest, in the order of the log. */
  tokens: TokenLine[];
  file: string | undefined;
}

export function describeListing(listing: Listing): Answer {
  const { log, tagKey, wanted, counts, tokens, file } = listing;
  const { origin, reader, size, root, witnessedMs } = log;
  return {
    ok: true,
    json: {
      command: 'log tokens',
      ok: true,
      log: origin,
      pinned: log.pinned,
      url: reader.url,
      size,
      root: encodeHex(root),
      witnessedMs: witnessedMs ?? null,
      tenant: tagKey.tenant,
      from: wanted.from,
      ...counts,
      listed: tokens.length,
      file: file ?? null,
      tokens,
    },
    lines: (page) => [
      ...drawTokens(listing, page),
      '',
      ...drawProof(listing, page),
      ...drawRemark(log),
    ],
  };
}

function drawTokens({ wanted, counts, tokens, tagKey }: Listing, page: Page): string[] {
  const tenant = printable(tagKey.tenant);
  if (counts.found === 0) return [`  No such tokens of ${tenant}.`];
  const left = counts.found - tokens.length;
  const table = drawTable(
    [
      { title: 'index', align: 'right' },
      { title: 'issued' },
      { title: 'type' },
      { title: 'expires' },
      { title: wanted.user === undefined ? 'user tag' : 'user' },
      { title: 'instance', flexible: true },
    ],
    tokens.map(({ index, issuedMs, type, expiresAtSeconds, userTag, instance }) => [
      String(index),
      moment(issuedMs),
      type,
      moment(expiresAtSeconds * 1000),
      wanted.user === undefined ? userTag.slice(0, 12) : 'match',
      printable(instance),
    ]),
    page.paint,
    page.columns,
  );
  return [
    ...table,
    ...(left > 0 ? ['', `  ${left} older ones are not shown; --limit or --out shows them.`] : []),
  ];
}

function drawRemark({ pinned, key }: KnownLog): string[] {
  return pinned ? [] : [`  ${printable(unpinnedRemark(key))}`];
}

function drawProof({ log, wanted, counts, file }: Listing, { paint }: Page): string[] {
  const { origin, size, witnessedMs } = log;
  const what =
    wanted.from === 0
      ? `all ${size} entries`
      : `the ${size - wanted.from} entries from ${wanted.from} on, and the tiles before them,`;
  const seen =
    witnessedMs === undefined
      ? '  No witness was asked: a log may show another tree to others (--witnesses).'
      : `  Its witnesses saw it last at ${moment(witnessedMs)}.`;
  return [
    `  ${paint.good('complete')}  ${what} make the root that ${printable(origin)} signed`,
    `  found     ${counts.found}${counts.passedOver > 0 ? ` (and ${counts.passedOver} more of the tenant that were not asked for)` : ''}`,
    `  others    ${counts.others} of other tenants, ${counts.untagged} without tags, ${counts.keyEvents} events of keys, ${counts.anchors} anchors of audit trails${counts.unknown > 0 ? `, ${counts.unknown} of an unknown form` : ''}`,
    ...(file === undefined ? [] : [`  written   ${printable(file)}`]),
    seen,
    '  What a verifier with this tag key accepts is in the list; other verifiers do not look at tags.',
  ];
}

function moment(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
