// The life of the keys beyond the provider's view: keys of realms that nobody has asked for yet get
// their place in the log, those past their end are logged as retired, quarantined ones as revoked.

import type { Audit } from '@countersign/audit';
import type { PublicKeyRecord, SignerClient } from '@countersign/keys';
import type { KeyLog } from '@countersign/provider';
import type { KeyEvent } from '@countersign/verifier';
import { type Clock, toSeconds } from '@countersign/vocabulary';

export interface KeyLifeParts {
  audit: Pick<Audit, 'listQuarantined'>;
  signer: Pick<SignerClient, 'listKeys' | 'status'>;
  keyLog: KeyLog;
  clock: Clock;
}

export interface KeyLives {
  /** Logs what is new; safe to repeat. @throws what log or store said of the first that failed */
  look(): Promise<void>;
}

export function followKeyLives({ audit, signer, keyLog, clock }: KeyLifeParts): KeyLives {
  let keys: PublicKeyRecord[] = [];
  const done = new Set<string>();
  return {
    look: async () => {
      const status = await signer.status();
      if (status.keys !== keys.length) keys = await signer.listKeys();
      const due = listDue(keys, await quarantinedKids(audit), toSeconds(clock.nowMs()));
      const open = due.filter(({ event, key }) => !done.has(`${event} ${key.kid}`));
      // One that fails holds up no other; all that failed are asked for again by the next look.
      const outcomes = await Promise.allSettled(
        open.map(async ({ event, key }) => {
          await keyLog.ensure(event, key);
          done.add(`${event} ${key.kid}`);
        }),
      );
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

interface DueEvent {
  event: KeyEvent;
  key: PublicKeyRecord;
}

function listDue(
  keys: readonly PublicKeyRecord[],
  quarantined: ReadonlySet<string>,
  nowSeconds: number,
): DueEvent[] {
  return keys.flatMap((key) => {
    const over = key.scope.notAfterSeconds <= nowSeconds;
    const due: DueEvent[] = [{ event: over ? 'retired' : 'published', key }];
    if (quarantined.has(`${key.scope.issuer} ${key.kid}`)) due.push({ event: 'revoked', key });
    return due;
  });
}

async function quarantinedKids(audit: KeyLifeParts['audit']): Promise<Set<string>> {
  const quarantined = await audit.listQuarantined();
  return new Set(quarantined.map(({ issuer, kid }) => `${issuer} ${kid}`));
}
