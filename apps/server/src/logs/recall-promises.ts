// What our logs promised before this start. One that is away now cannot be asked; the ledger knows,
// because nothing leaves this house before its row is durable.

import type { Audit } from '@countersign/audit';
import type { Submitters } from '@countersign/directory';
import type { LogPromises } from '@countersign/transparency';

export interface PromiseSources {
  logs: readonly {
    origin: string;
    shown: { promises: Pick<LogPromises, 'atLeast'> } | undefined;
  }[];
  audit: Pick<Audit, 'promisedSize'>;
  submitters: Pick<Submitters, 'list'>;
}

/**
 * A ledger restored from an older copy remembers too little; then, and only until the log answers, a
 * checkpoint may be shown that lacks leaves of the log's last second.
 *
 * Once another instance could submit leaves, its receipts are in no ledger of ours, and what was
 * promised stays unknown until the log itself answers.
 */
export async function recallPromises({ logs, audit, submitters }: PromiseSources): Promise<void> {
  // Revoked ones are listed too: what they submitted stays promised.
  if ((await submitters.list({ limit: 1 })).length > 0) return;
  for (const { origin, shown } of logs) {
    const size = await audit.promisedSize(origin);
    if (size !== undefined) shown?.promises.atLeast(size);
  }
}
