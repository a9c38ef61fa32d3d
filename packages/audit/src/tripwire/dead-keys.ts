// Which keys of ours are over: as the ledger has announced them to the log, which it never forgets, and
// as the signers say, who know first.

import type { OwnKey } from '../reconcile/sources.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { DeadKey } from './classify-tripwire.ts';

const MOST_PER_QUERY = 250;

export class DeadKeys {
  readonly #room: AuditRoom;
  /** By kid; what the signers said last. */
  #held = new Map<string, DeadKey>();

  constructor(room: AuditRoom) {
    this.#room = room;
  }

  /** A signer that is away keeps what it said before. */
  learn(keys: readonly OwnKey[]): void {
    for (const { kid, issuer, state, stateSinceMs } of keys) {
      if (state !== 'retired' && state !== 'revoked') continue;
      this.#held.set(kid, { kid, issuer, state, sinceMs: stateSinceMs ?? 0 });
    }
  }

  held(kid: string): DeadKey | undefined {
    return this.#held.get(kid);
  }

  /** Those of the kids that are over, by kid. */
  async find(kids: Iterable<string>): Promise<ReadonlyMap<string, DeadKey>> {
    const wanted = [...new Set(kids)];
    const found = new Map<string, DeadKey>();
    for (let at = 0; at < wanted.length; at += MOST_PER_QUERY) {
      for (const key of await this.#readLogged(wanted.slice(at, at + MOST_PER_QUERY))) {
        keepWorse(found, key);
      }
    }
    for (const kid of wanted) {
      const held = this.#held.get(kid);
      if (held !== undefined) keepWorse(found, held);
    }
    return found;
  }

  async #readLogged(kids: readonly string[]): Promise<DeadKey[]> {
    const rows = await this.#room.store.read
      .selectFrom('key_event')
      .select(['kid', 'issuer', 'event', 'at_ms'])
      .where('kid', 'in', kids)
      .where('event', 'in', ['retired', 'revoked'])
      .execute();
    return rows.map(({ kid, issuer, event, at_ms }) => ({
      ...{ kid, issuer, sinceMs: at_ms },
      state: event === 'revoked' ? 'revoked' : 'retired',
    }));
  }
}

/** Revoked before retired; of the same, what came first. */
function keepWorse(found: Map<string, DeadKey>, key: DeadKey): void {
  const known = found.get(key.kid);
  const isWorse =
    known === undefined ||
    (known.state === key.state ? key.sinceMs < known.sinceMs : key.state === 'revoked');
  if (isWorse) found.set(key.kid, key);
}
