// A new passkey of a person (WebAuthn Level 3 §7.1). Who may ask for one is the account page's to know.

import type { Passkey } from '@countersign/directory';
import { type ActorFacts, isCodedError } from '@countersign/vocabulary';
import { verifyRegistrationResponse } from '@simplewebauthn/server';
import type { RealmContext } from '../realm/realm-context.ts';
import { PASSKEY_ALGORITHMS } from './ask-for-passkey.ts';
import { attestsNothing } from './attests-nothing.ts';
import { type ChallengePurpose, isChallenge, takeChallenge } from './challenge.ts';
import { isUsableKey } from './is-usable-key.ts';
import { readAnswer } from './read-answer.ts';
import { relyingParty } from './relying-party.ts';

const LONGEST_NAME = 60;
const MOST_TRANSPORTS = 16;

export type Enrolment =
  | { enrolled: Passkey }
  | { refused: 'passkey_refused' | 'passkey_taken' | 'too_many_passkeys' };

/** @param presented `name` as the person wrote it; what cannot be one becomes "Passkey". */
export async function enrolPasskey(
  realm: RealmContext,
  presented: { answer: string | null; name: string },
  purpose: ChallengePurpose & { personId: string },
): Promise<Enrolment> {
  const party = relyingParty(realm);
  const answer = readAnswer(presented.answer);
  if (party === undefined || answer === undefined || !attestsNothing(answer.attestation)) {
    return { refused: 'passkey_refused' };
  }
  const verified = await verifyRegistrationResponse({
    response: answer.response as never,
    expectedChallenge: (challenge) => isChallenge(realm, purpose, challenge),
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: PASSKEY_ALGORITHMS,
  }).catch(() => undefined);
  if (verified?.verified !== true) return { refused: 'passkey_refused' };
  const { credential, credentialDeviceType, credentialBackedUp, aaguid } =
    verified.registrationInfo;
  const fits = credential.id === answer.id && isUsableKey(credential.publicKey);
  if (!fits || !(await takeChallenge(realm, answer.challenge))) {
    return { refused: 'passkey_refused' };
  }
  const by: ActorFacts = { kind: 'person', id: purpose.personId };
  const passkey = {
    realm: realm.id,
    personId: purpose.personId,
    id: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: transportsOf(credential.transports),
    multiDevice: credentialDeviceType === 'multiDevice',
    backedUp: credentialBackedUp,
    aaguid,
    name: acceptName(presented.name),
  };
  try {
    return { enrolled: await realm.directory.passkeys.enrol(passkey, by) };
  } catch (error) {
    const code = isCodedError(error) ? error.code : '';
    if (code === 'passkey_taken' || code === 'too_many_passkeys') return { refused: code };
    if (code === 'bad_passkey') return { refused: 'passkey_refused' };
    throw error;
  }
}

/** As the page posted it: the library hands it on unread. */
function transportsOf(said: unknown): string[] {
  const names: unknown[] = Array.isArray(said) ? said.slice(0, MOST_TRANSPORTS) : [];
  return names.filter((name) => typeof name === 'string');
}

function acceptName(written: string): string {
  const plain = written.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
  return plain.slice(0, LONGEST_NAME).toWellFormed().trim() || 'Passkey';
}
