// Checks what an authenticator signed (WebAuthn Level 3 §7.2). Whatever is wrong, the caller learns only
// that it is; the one thing told apart is a passkey of which there are two.

import type { Passkey } from '@countersign/directory';
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import type { RealmContext } from '../realm/realm-context.ts';
import { endSignIns } from '../sign-in/end-sign-ins.ts';
import { type ChallengePurpose, isChallenge, takeChallenge } from './challenge.ts';
import { readAnswer } from './read-answer.ts';
import { relyingParty } from './relying-party.ts';

export type PasskeyProof =
  | { passed: true; passkey: Passkey }
  | {
      passed: false;
      reason: 'passkey_refused' | 'passkey_cloned';
      /** Whose it is, once the signature was found right. */
      personId?: string;
    };

const REFUSED: PasskeyProof = { passed: false, reason: 'passkey_refused' };

/** @param presented what the page posted: JSON of the browser's answer, of any content. */
export async function provePasskey(
  realm: RealmContext,
  presented: string | null,
  purpose: ChallengePurpose,
): Promise<PasskeyProof> {
  const party = relyingParty(realm);
  const answer = readAnswer(presented);
  if (party === undefined || answer === undefined) return REFUSED;
  const passkey = await realm.directory.passkeys.findUsable(realm.id, answer.id);
  if (passkey === undefined || !isTheirs(passkey, answer.userHandle, purpose)) return REFUSED;

  const verified = await verifyAuthenticationResponse({
    response: answer.response as never,
    expectedChallenge: (challenge) => isChallenge(realm, purpose, challenge),
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    // A counter of 0 asks the library for no opinion: the directory holds it against its own.
    credential: { id: passkey.id, publicKey: bytesOf(passkey.publicKey), counter: 0 },
  }).catch(() => undefined);
  if (verified?.verified !== true) return REFUSED;
  if (!(await takeChallenge(realm, answer.challenge))) return REFUSED;

  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  const seen = { counter: newCounter, backedUp: credentialBackedUp };
  const used = await realm.directory.passkeys.use(realm.id, passkey.id, seen);
  if (used === 'used') return { passed: true, passkey };
  const { personId } = passkey;
  if (used === 'unknown') return { passed: false, reason: 'passkey_refused', personId };
  // Whoever came first may be the thief: what was begun with it ends as well.
  await endSignIns(realm, realm.id, personId, 'compromised');
  realm.onRevoked();
  return { passed: false, reason: 'passkey_cloned', personId };
}

/** Step 6: of the person who was asked, or else of whom the authenticator itself names. */
function isTheirs(
  passkey: Passkey & { handle: string },
  userHandle: string | undefined,
  { personId }: ChallengePurpose,
): boolean {
  if (personId !== undefined && passkey.personId !== personId) return false;
  if (userHandle === undefined) return personId !== undefined;
  return userHandle === passkey.handle;
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64url, 'base64url'));
}
