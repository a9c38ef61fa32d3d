// The ground truth: our verifier and all five peers accept a token that was really issued. Without
// this, a refusal later would prove nothing.

import { refusals, showPeers } from '../src/peers/show-peers.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { MAIL, type MailServer } from './stage.ts';

export async function acceptGenuine(set: () => Promise<MailServer>): Promise<Found<MailServer>> {
  const mail = await set();
  const { token } = mail.genuine;
  const judgement = await mail.ours.judge(token);
  claim(judgement.accepted, `Countersign refuses a genuine token: ${judgement.code}.`);
  const answers = await showPeers(peerSetup(mail, jwksOf(mail)), token);
  claim(
    answers.every(({ accepted }) => accepted),
    `A peer refuses a genuine token: ${refusals(answers)}`,
  );
  const { readyMs } = mail.server;
  const place = judgement.verified?.receipt?.index;
  return {
    detail: `ready after ${(readyMs / 1000).toFixed(1)} s; the token is number ${place} in the log; Countersign and all ${answers.length} other verifiers accept it`,
    value: mail,
  };
}

export function jwksOf({ policy, issuer }: MailServer): string {
  const found = policy.issuers.find((entry) => entry.issuer === issuer);
  if (found === undefined) throw new Error(`The policy does not name ${issuer}.`);
  return found.jwksUri;
}

export function peerSetup({ issuer }: MailServer, jwksUri: string) {
  return { issuers: [issuer], audience: MAIL, jwksUri, algorithm: 'ES256' } as const;
}
