// Several signers as one, each with keys of its own: a request goes to the one that holds the key, and
// while one is away the keys of another sign. No private key is in two places, so nothing is handed
// over and nothing must be agreed; what each has signed is in its own journal.

import { signerRefusal } from '../keys-error.ts';
import type { PublicKeyRecord } from '../life/public-key-record.ts';
import type { SignerStatus } from '../signing/signer.ts';
import type { SignerClient } from './signer-client.ts';
import { SignerMember } from './signer-member.ts';

export interface NamedSigner {
  /** Never changes for a signer: its keys and its journal are known by it. */
  name: string;
  client: SignerClient;
  /** Its keys as they were heard before this start, for as long as it does not answer. */
  lastKnown?: readonly PublicKeyRecord[];
}

export interface SignerSetOptions {
  /**
   * A signature that takes longer is given up where another signer could make one; the signer is then
   * away. Default 1,000.
   */
  patienceMs?: number;
  /** First pause before a signer that failed is asked whether it is back. Default 100. */
  minPauseMs?: number;
  /** Default 2,000. */
  maxPauseMs?: number;
  /** Told of each list of keys that a signer gave. */
  onKeys?(name: string, keys: readonly PublicKeyRecord[]): void;
  /** Told when a signer is away, with why, and when it is back. */
  onChange?(name: string, away: boolean, reason?: unknown): void;
}

export interface SignerSet extends SignerClient {
  /** In order of preference. */
  readonly members: readonly { readonly name: string; readonly client: SignerClient }[];
  /** The signer of that name does not answer at the moment. */
  isAway(name: string): boolean;
}

/**
 * The first signer is preferred; `listKeys` names its keys first. Each record carries the `signer`
 * that holds the key and, as long as that one is away, `away`, which is looked up when it is read.
 * `readJournal` and `readAccess` are of the first signer; the others' are read by their own clients.
 *
 * @param signers at least one, each name once
 */
export function createSignerSet(
  signers: readonly NamedSigner[],
  options: SignerSetOptions = {},
): SignerSet {
  const members = signers.map((signer) => new SignerMember(signer, options));
  const [first] = members;
  if (first === undefined || new Set(signers.map(({ name }) => name)).size < members.length) {
    throw new TypeError('a signer set needs a signer, and each name once');
  }
  const named = (name: string | undefined): SignerMember => {
    const member = name === undefined ? first : members.find((other) => other.name === name);
    if (member === undefined) {
      throw signerRefusal('request_malformed', 'There is no signer of that name.');
    }
    return member;
  };
  const othersMaySign = (member: SignerMember): boolean =>
    members.some((other) => other !== member && !other.away);
  return {
    members: signers,
    isAway: (name) => named(name).away,
    sign: async (kid, input) => {
      const member = await holderOf(members, kid);
      return member.sign(kid, input, othersMaySign(member));
    },
    makeKey: async (alg, scope, wanted = {}) => {
      const { signer, ...made } = wanted;
      return named(signer).makeKey(alg, scope, made);
    },
    changeKey: async (kid, to, changed) =>
      (await holderOf(members, kid)).changeKey(kid, to, changed),
    listKeys: async (issuer, wanted) =>
      (await Promise.all(members.map((member) => member.listKeys(issuer, wanted)))).flat(),
    readJournal: (fromNumber, limit) => first.client.readJournal(fromNumber, limit),
    readAccess: (fromNumber, limit) => first.client.readAccess(fromNumber, limit),
    status: async () => {
      const asked = members.map((member) => member.status(othersMaySign(member)));
      const found = await Promise.allSettled(asked);
      const known = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      if (known.length === 0) return asked[0] as Promise<SignerStatus>;
      return addUp(
        known,
        // A signer that is away keeps its keys: their number must not seem to change.
        members.reduce((sum, { keyCount }) => sum + keyCount, 0),
      );
    },
    ready: async () => {
      try {
        await Promise.any(members.map((member) => member.ready(othersMaySign(member))));
      } catch (error) {
        throw error instanceof AggregateError ? error.errors[0] : error;
      }
    },
    close: () => {
      for (const member of members) member.close();
    },
  };
}

/** @throws CodedError `unknown_key`, or `signer_unavailable` while one that may hold it is away */
async function holderOf(members: readonly SignerMember[], kid: string): Promise<SignerMember> {
  const known = members.find((member) => member.holds(kid));
  if (known !== undefined) return known;
  // Made by another server, or before this one started.
  await Promise.all(members.map((member) => member.listKeys(undefined, { kid })));
  const found = members.find((member) => member.holds(kid));
  if (found !== undefined) return found;
  if (members.some(({ away }) => away)) {
    throw signerRefusal('signer_unavailable', 'The signer that may hold this key is away.');
  }
  throw signerRefusal('unknown_key', 'No signer has such a key.');
}

function addUp(all: readonly SignerStatus[], keys: number): SignerStatus {
  const sum: SignerStatus = { lastNumber: 0, keys, cutAtOpen: false, refusals: {}, tripped: [] };
  for (const { lastNumber, cutAtOpen, refusals, tripped } of all) {
    sum.lastNumber += lastNumber;
    sum.cutAtOpen ||= cutAtOpen;
    sum.tripped.push(...tripped);
    for (const [code, count] of Object.entries(refusals))
      sum.refusals[code] = (sum.refusals[code] ?? 0) + count;
  }
  return sum;
}
