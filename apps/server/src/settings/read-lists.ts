// The settings of lists of networks: data centres, VPNs, exits of Tor, relays, proxies, each a text file
// that somebody else keeps up to date.

import { resolve } from 'node:path';
import { LIST_KINDS, type ListKind } from '@countersign/context';
import { z } from 'zod';

export const listsSchema = z
  .array(
    z.strictObject({
      /** What the networks in it are: `hosting`, `vpn`, `tor`, `relay` or `proxy`. */
      kind: z.enum(LIST_KINDS),
      /** Text: a network (CIDR), an address or an ASN a line; `#` begins a remark. */
      file: z.string().min(1).max(1024),
      /** From this age on it counts as old, and every score says so. Default 30; from 1 to 3,650. */
      staleDays: z.int().min(1).max(3650).optional(),
    }),
  )
  .max(64);

export interface ListSettings {
  readonly kind: ListKind;
  /** Absolute. */
  readonly file: string;
  readonly staleDays: number;
}

const STALE_DAYS = 30;

export function readListSettings(
  lists: z.infer<typeof listsSchema> | undefined,
  workingFolder: string,
): ListSettings[] {
  return (lists ?? []).map(({ kind, file, staleDays = STALE_DAYS }) => ({
    ...{ kind, file: resolve(workingFolder, file), staleDays },
  }));
}
