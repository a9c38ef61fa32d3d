// Finds a key by its kid also while its signer hangs or is away: whoever wants to stop a key must not
// have to wait for the one that holds it.

import type { PublicKeyRecord, SignerClient } from '@countersign/keys';

/** The signer takes no longer one for a question; ours have 43 characters. */
const LONGEST_KID = 255;

export class KeyFinder {
  readonly #signer: Pick<SignerClient, 'listKeys'>;
  readonly #known: () => Promise<readonly PublicKeyRecord[]>;
  readonly #patienceMs: number;

  /** @param known all keys as they were last read @param patienceMs how long a signer is waited for */
  constructor(
    signer: Pick<SignerClient, 'listKeys'>,
    known: () => Promise<readonly PublicKeyRecord[]>,
    patienceMs: number,
  ) {
    this.#signer = signer;
    this.#known = known;
    this.#patienceMs = patienceMs;
  }

  /** As it was last read, however long ago; asks the signer only for what nobody heard of. */
  async recall(kid: string): Promise<PublicKeyRecord | undefined> {
    if (kid.length > LONGEST_KID) return undefined;
    const isIt = (key: PublicKeyRecord): boolean => key.kid === kid;
    return (
      (await this.#known()).find(isIt) ??
      (await this.#signer.listKeys(undefined, { kid })).find(isIt)
    );
  }

  /**
   * The keys whose kid begins so and, of issuers that have others still in use, those besides them; `away`
   * are those that could not be read now.
   */
  async besides(beginning: string): Promise<PublicKeyRecord[]> {
    if (beginning.length > LONGEST_KID) return [];
    const isMeant = ({ kid }: PublicKeyRecord): boolean => kid.startsWith(beginning);
    const known = await this.#known();
    const issuers = issuersOf(known.filter(isMeant));
    if (issuers.size === 0) {
      // The whole kid is asked for first: keys of all times are many.
      const exact = await this.#signer.listKeys(undefined, { kid: beginning });
      const all = exact.length > 0 ? exact : await this.#signer.listKeys();
      return all.filter(isMeant);
    }
    const keys: PublicKeyRecord[] = [];
    for (const issuer of issuers) {
      const read = await this.#readNow(issuer);
      const recalled = known.filter(({ scope }) => scope.issuer === issuer);
      keys.push(...(read ?? recalled.map((key) => ({ ...key, away: true as const }))));
    }
    return keys;
  }

  /** Undefined when the signer does not answer soon, or refuses: its keys are then said to be away. */
  async #readNow(issuer: string): Promise<PublicKeyRecord[] | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, this.#patienceMs);
    try {
      const asked = this.#signer.listKeys(issuer).catch(() => undefined);
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function issuersOf(keys: readonly PublicKeyRecord[]): Set<string> {
  return new Set(keys.map(({ scope }) => scope.issuer));
}
