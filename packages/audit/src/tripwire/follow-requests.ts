// Dead keys that a signer was asked to sign with. Nothing in this house asks for one, but for a moment
// after its end, so whoever does was told to forget it and did not, or found an old name.

import type { RealmId } from '@countersign/vocabulary';
import type { FindingDraft } from '../reconcile/finding.ts';
import { raiseFinding, raiseNewFinding } from '../reconcile/raise-finding.ts';
import type { TrippedKey } from '../reconcile/sources.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { classifyRequest, type DeadKey } from './classify-tripwire.ts';
import type { DeadKeys } from './dead-keys.ts';

/** Requests that were under way when the key died. */
const UNDER_WAY_MS = 30_000;
const HOUR_MS = 3_600_000;

export class RequestWatch {
  readonly #room: AuditRoom;
  readonly #dead: DeadKeys;
  /** Requests told of, by signer and kid. */
  readonly #told = new Map<string, number>();

  constructor(room: AuditRoom, dead: DeadKeys) {
    this.#room = room;
    this.#dead = dead;
  }

  async look(tripped: readonly TrippedKey[]): Promise<void> {
    const dead = await this.#dead.find(tripped.map(({ kid }) => kid));
    for (const asked of tripped) {
      const key = dead.get(asked.kid);
      if (key === undefined || asked.lastMs < key.sinceMs + UNDER_WAY_MS) continue;
      const name = JSON.stringify([asked.signer, asked.kid]);
      const told = this.#told.get(name);
      if (asked.count === told) continue;
      // A signer that started anew counts anew.
      const more = told === undefined || asked.count < told ? asked.count : asked.count - told;
      const raise = told === undefined ? raiseNewFinding : raiseFinding;
      await this.#room.store.transaction((tx) =>
        raise(this.#room, tx, this.#draft(key, asked, more)),
      );
      this.#told.set(name, asked.count);
    }
  }

  #draft(key: DeadKey, { kid, lastMs, signer }: TrippedKey, count: number): FindingDraft {
    const realm = this.#room.ownership.realmOfIssuer(key.issuer);
    return {
      verdict: classifyRequest(key),
      subjectKey: `kid:${kid}:signature_asked_for:${signer ?? ''}:${Math.floor(lastMs / HOUR_MS)}`,
      count,
      happenedMs: lastMs,
      token: {
        kind: 'other',
        kid,
        issuer: key.issuer,
        ...(signer === undefined ? {} : { signer }),
      },
      ...(realm === undefined ? {} : { realm: realm as RealmId }),
      extra: { state: key.state, sinceMs: key.sinceMs, count },
    };
  }
}
