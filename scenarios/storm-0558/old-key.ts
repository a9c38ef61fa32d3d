// The forgery of 2023: an expired consumer key signs a workforce token, and the verifiers get the
// consumer and workforce keys in one set, as Microsoft's tenants did.

import { draftToken, signDraft } from '../src/attack/forge-token.ts';
import { serveMergedKeys } from '../src/attack/serve-merged-keys.ts';
import type { StolenKey } from '../src/attack/steal-keys.ts';
import { type PeerAnswer, refusals, showPeers } from '../src/peers/show-peers.ts';
import { openOurVerifier } from '../src/stage/our-verifier.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { jwksOf, peerSetup } from './genuine-token.ts';
import { MAIL, type MailServer, VICTIM, withKeysFrom } from './stage.ts';

export async function forgeWithOldKey(
  stage: Stage,
  mail: MailServer,
  old: StolenKey,
): Promise<Found<PeerAnswer[]>> {
  const own = (await (await fetch(jwksOf(mail))).json()) as { keys: object[] };
  const merged = await serveMergedKeys([...own.keys, old.record.publicJwk]);
  stage.closing.defer(() => merged.close());
  const forged = signDraft(draftToken(old, mail.genuine.claims, { sub: VICTIM }));
  const answers = await showPeers(peerSetup(mail, merged.url), forged);
  const pinned = await mail.ours.judge(forged);
  const careless = openOurVerifier({
    policy: withKeysFrom(mail.policy, merged.url),
    audience: MAIL,
  });
  stage.closing.defer(() => careless.close());
  const misled = await careless.judge(forged);
  claim(pinned.code === 'key_unknown', `With its own keys Countersign says ${pinned.code}.`);
  claim(misled.code === 'key_issuer_mismatch', `With merged keys Countersign says ${misled.code}.`);
  claim(
    answers.every(({ accepted }) => accepted),
    `The replay has gone stale, a peer refuses: ${refusals(answers)}`,
  );
  return {
    detail: `${answers.length} of ${answers.length} other verifiers accept it; Countersign refuses: ${pinned.code} with the issuer’s own keys, ${misled.code} even with the merged ones`,
    value: answers,
  };
}
