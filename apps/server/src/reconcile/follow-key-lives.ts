// What the log must hold of our keys, whoever moved them: those of before their lives were kept get their
// place in it, those past their end are logged as retired, quarantined ones as revoked. The lives of
// keys (provider) log each step themselves, before it takes effect; this finds what they did not.

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

/** States change without a change in the number of keys; here nothing is in a hurry. */
const READ_EVERY_MS = 60_000;
/** Longer than a step of a key is left undone here; before the first look, nobody may have looked. */
const RECENT_MS = { first: 400 * 86_400_000, later: 30 * 86_400_000 };

export interface KeyLogFollower {
  /** Logs what is new; safe to repeat. @throws what log or store said of the first that failed */
  look(): Promise<void>;
}

export function followKeyLives(parts: KeyLifeParts): KeyLogFollower {
  const { audit, signer, keyLog, clock } = parts;
  let keys: PublicKeyRecord[] = [];
  let count = -1;
  let readMs = Number.NEGATIVE_INFINITY;
  const done = new Set<string>();
  /** Keys that ended long ago, of which somebody found only now that they are not to be believed. */
  const readOlder = async (
    known: readonly PublicKeyRecord[],
    quarantined: ReadonlySet<string>,
  ): Promise<PublicKeyRecord[]> => {
    const names = new Set(known.map(nameOf));
    const found: PublicKeyRecord[] = [];
    for (const name of quarantined) {
      const kid = name.slice(name.lastIndexOf(' ') + 1);
      if (names.has(name) || done.has(`revoked ${kid}`) || unknown.has(name)) continue;
      const keysOfKid = await signer.listKeys(undefined, { kid });
      const ours = keysOfKid.filter((key) => nameOf(key) === name);
      if (ours.length === 0) unknown.add(name);
      found.push(...ours);
    }
    return found;
  };
  /** Quarantined keys that no signer of ours ever had. */
  const unknown = new Set<string>();
  return {
    look: async () => {
      const status = await signer.status();
      const ageMs = clock.nowMs() - readMs;
      if (status.keys !== count || ageMs < 0 || ageMs >= READ_EVERY_MS) {
        // Those that are not over, or have not been for long.
        const spanMs = count < 0 ? RECENT_MS.first : RECENT_MS.later;
        keys = await signer.listKeys(undefined, { endedAfterMs: clock.nowMs() - spanMs });
        readMs = clock.nowMs();
        count = status.keys;
      }
      const quarantined = await quarantinedKids(audit);
      const older = await readOlder(keys, quarantined);
      const due = listDue([...keys, ...older], quarantined, toSeconds(clock.nowMs()));
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

function nameOf({ scope, kid }: PublicKeyRecord): string {
  return `${scope.issuer} ${kid}`;
}

/** What verifiers can know, or could. */
const SHOWN: ReadonlySet<string> = new Set(['published', 'active', 'retiring', 'retired']);

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
    const { state } = key.life;
    const isOver = key.scope.notAfterSeconds <= nowSeconds || state === 'retired';
    const isDead = state === 'revoked' || quarantined.has(`${key.scope.issuer} ${key.kid}`);
    const due: DueEvent[] = [];
    if (SHOWN.has(state)) due.push({ event: isOver ? 'retired' : 'published', key });
    if (isDead) due.push({ event: 'revoked', key });
    return due;
  });
}

async function quarantinedKids(audit: KeyLifeParts['audit']): Promise<Set<string>> {
  const quarantined = await audit.listQuarantined();
  return new Set(quarantined.map(({ issuer, kid }) => `${issuer} ${kid}`));
}
