// Sets and checks passwords. Whether the user exists, has a password or is disabled shows neither
// in the answer nor in the time: each check hashes exactly once, at the cost the hash asks for.

import type { RealmId } from '@countersign/vocabulary';
import type { DirectoryParts } from '../directory-parts.ts';
import { LONGEST_PASSWORD, normalisePassword } from '../people/accept-password.ts';
import { boundHashing, defaultHashingLimits, type HashingLimits } from './bound-hashing.ts';
import {
  currentCost,
  deriveHash,
  HASH_BYTES,
  type HashCost,
  hashOfNobody,
  isOutdated,
  matchesHash,
  SALT_BYTES,
} from './derive-hash.ts';

export interface PasswordSettings {
  cost: HashCost;
  hashing: HashingLimits;
}

export const defaultPasswordSettings: PasswordSettings = {
  cost: currentCost,
  hashing: defaultHashingLimits,
};

/** Where a stored hash belongs. */
interface Owner {
  realm: RealmId;
  personId: string;
  hash: string;
}

export interface Passwords {
  /** Hashes an accepted password. @throws CodedError `too_busy` */
  hash(accepted: string): Promise<string>;
  /** Does `password` match? Without an owner: false, after the same work. */
  matches(password: string, owner: Owner | undefined): Promise<boolean>;
}

export function keepPasswords(parts: DirectoryParts, settings: PasswordSettings): Passwords {
  const { store, clock, random } = parts;
  const { cost } = settings;
  const hashing = boundHashing(settings.hashing);
  const nobody = hashOfNobody(random.bytes(SALT_BYTES + HASH_BYTES), cost);

  const saveRenewed = (renewed: string, owner: Owner): Promise<unknown> =>
    store.transaction((tx) =>
      tx
        .updateTable('directory_password')
        .set({ hash: renewed, set_ms: clock.nowMs() })
        .where('realm', '=', owner.realm)
        .where('person_id', '=', owner.personId)
        // A password that was changed meanwhile stays changed.
        .where('hash', '=', owner.hash)
        .execute(),
    );

  return {
    hash: (accepted) => hashing.run(() => deriveHash(accepted, random.bytes(SALT_BYTES), cost)),
    async matches(password, owner) {
      const tooLong = password.length > 4 * LONGEST_PASSWORD;
      const candidate = normalisePassword(tooLong ? '' : password);
      const stored = owner?.hash ?? nobody;
      const { good, renewed } = await hashing.run(async () => {
        const good = (await matchesHash(candidate, stored)) && owner !== undefined;
        const outdated = good && isOutdated(stored, cost);
        const salt = random.bytes(SALT_BYTES);
        return { good, renewed: outdated ? await deriveHash(candidate, salt, cost) : undefined };
      });
      if (renewed !== undefined && owner !== undefined) await saveRenewed(renewed, owner);
      return good;
    },
  };
}
