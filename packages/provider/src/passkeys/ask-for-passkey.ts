// What a page hands to the browser so that it asks an authenticator (WebAuthn Level 3 §5.4, §5.5).

import type { Passkey, Person } from '@countersign/directory';
import { generateAuthenticationOptions, generateRegistrationOptions } from '@simplewebauthn/server';
import type { RealmContext } from '../realm/realm-context.ts';
import { type ChallengePurpose, makeChallenge } from './challenge.ts';
import { relyingParty } from './relying-party.ts';

/** EdDSA, ES256, RS256: what Node verifies and every authenticator offers one of. */
export const PASSKEY_ALGORITHMS = [-8, -7, -257];

/** @param allowed those of the person, when it is known who that is. Undefined: no passkeys here. */
export async function askForPasskey(
  realm: RealmContext,
  purpose: ChallengePurpose,
  allowed: readonly Passkey[] = [],
): Promise<string | undefined> {
  const party = relyingParty(realm);
  if (party === undefined) return undefined;
  const options = await generateAuthenticationOptions({
    rpID: party.id,
    challenge: challengeBytes(realm, purpose),
    userVerification: 'required',
    timeout: realm.limits.passkeyChallengeMs,
    allowCredentials: allowed.filter(({ stoppedMs }) => stoppedMs === undefined).map(describe),
  });
  return JSON.stringify(options);
}

/** Undefined: no passkeys here. */
export async function askForNewPasskey(
  realm: RealmContext,
  purpose: ChallengePurpose,
  person: Person,
): Promise<string | undefined> {
  const party = relyingParty(realm);
  if (party === undefined) return undefined;
  const { passkeys } = realm.directory;
  const handle = await passkeys.handleOf(realm.id, person.id);
  const options = await generateRegistrationOptions({
    rpID: party.id,
    rpName: realm.displayName,
    // All realms of a host stand in one list there, and one username may be in several of them.
    userName: `${person.username} (${realm.displayName}, ${realm.realm.population})`,
    userDisplayName: person.name ?? person.username,
    userID: new Uint8Array(Buffer.from(handle, 'base64url')),
    challenge: challengeBytes(realm, purpose),
    attestationType: 'none',
    timeout: realm.limits.passkeyChallengeMs,
    supportedAlgorithmIDs: PASSKEY_ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: (await passkeys.list(realm.id, person.id)).map(describe),
  });
  return JSON.stringify(options);
}

function challengeBytes(realm: RealmContext, purpose: ChallengePurpose): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(makeChallenge(realm, purpose), 'base64url'));
}

function describe({ id, transports }: Passkey) {
  return transports.length === 0 ? { id } : { id, transports: transports as never };
}
