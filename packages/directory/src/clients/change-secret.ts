// Replaces a client secret, with an overlap for those that still send the one before.

import { type ActorFacts, CodedError, newSecret, type RealmId } from '@countersign/vocabulary';
import { z } from 'zod';
import type { DirectoryCode } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { parseInput } from '../parse-input.ts';
import { recordChange } from '../record-change.ts';
import { hasSecret } from './client-record.ts';
import { hashSecret } from './client-secrets.ts';
import { clientUnknown, readClient } from './read-client.ts';

const LONGEST_OVERLAP_SECONDS = 30 * 86_400;

const optionsSchema = z.strictObject({
  keepOldSeconds: z.int().min(0).max(LONGEST_OVERLAP_SECONDS).default(0),
});

export async function changeSecret(
  parts: DirectoryParts,
  {
    realm,
    clientId,
    options = {},
    by,
  }: {
    realm: RealmId;
    clientId: string;
    options: { keepOldSeconds?: number } | undefined;
    by: ActorFacts | undefined;
  },
): Promise<{ secret: string }> {
  const { store, clock, random } = parts;
  const { keepOldSeconds } = parseInput(optionsSchema, 'bad_client', options);
  const secret = newSecret(random);
  const nowMs = clock.nowMs();
  await store.transaction(async (tx) => {
    const kept = await readClient(tx, realm, clientId);
    if (kept === undefined) throw clientUnknown();
    if (!hasSecret(kept.client)) {
      throw new CodedError<DirectoryCode>(
        'client_without_secret',
        'This client authenticates without a secret.',
      );
    }
    // Only the current one gets an overlap: what was on its way out is gone now.
    await tx
      .deleteFrom('directory_client_secret')
      .where('realm', '=', realm)
      .where('client_id', '=', clientId)
      .where('expires_ms', 'is not', null)
      .execute();
    await tx
      .updateTable('directory_client_secret')
      .set({ expires_ms: nowMs + keepOldSeconds * 1000 })
      .where('realm', '=', realm)
      .where('client_id', '=', clientId)
      .execute();
    await tx
      .insertInto('directory_client_secret')
      .values({
        realm,
        client_id: clientId,
        hash: hashSecret(secret),
        created_ms: nowMs,
        expires_ms: null,
      })
      .execute();
    const { client_name: name } = kept.client;
    const event = {
      name: 'client.changed' as const,
      realm,
      item: { kind: 'client', id: clientId, ...(name === undefined ? {} : { name }) },
      operation: 'secret_rotated',
      extra: { keepOldSeconds },
    };
    await recordChange(parts, tx, event, by);
  });
  return { secret };
}
