// The forgery that no check of a signature can find: the right key, in its right scope, at the right
// time. What is missing is that anybody saw it being issued.

import { forgeReceipt, impostorLog } from '../src/attack/forge-receipt.ts';
import { draftToken, leafOf, signDraft } from '../src/attack/forge-token.ts';
import type { StolenKey } from '../src/attack/steal-keys.ts';
import { type PeerAnswer, refusals, showPeers } from '../src/peers/show-peers.ts';
import { type OurVerifier, openOurVerifier } from '../src/stage/our-verifier.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { jwksOf, peerSetup } from './genuine-token.ts';
import { MAIL, type MailServer, VICTIM, withoutFeed } from './stage.ts';

export interface Shown {
  forged: string;
  /** `performance.now()` when our verifier was shown it first. */
  shownMs: number;
}

export async function forgeWithCurrentKey(
  stage: Stage,
  mail: MailServer,
  current: StolenKey,
  before: readonly PeerAnswer[],
): Promise<Found<Shown>> {
  const forged = signDraft(draftToken(current, mail.genuine.claims, { sub: VICTIM }));
  const answers = await showPeers(peerSetup(mail, jwksOf(mail)), forged);
  const shownMs = performance.now();
  const ours = await mail.ours.judge(forged);
  stage.note({
    peers: answers.map(({ name, version, accepted, reason }, at) => ({
      name,
      version,
      accepted: accepted && before[at]?.accepted === true,
      detail: accepted ? 'a good signature by a published key' : reason,
    })),
    countersign: { refused: !ours.accepted, code: ours.code },
  });
  claim(ours.code === 'receipt_missing' && ours.alarm, `Countersign says ${ours.code || 'yes'}.`);
  claim(
    answers.every(({ accepted }) => accepted),
    `The replay has gone stale, a peer refuses: ${refusals(answers)}`,
  );
  const variants = await dressUp(stage, mail, current);
  return {
    detail: `${answers.length} of ${answers.length} other verifiers accept it, Countersign refuses: receipt_missing; ${variants}`,
    value: { forged, shownMs },
  };
}

/** The attacker tries a receipt cut from a genuine token, and one of a log of his own. */
async function dressUp(stage: Stage, mail: MailServer, current: StolenKey): Promise<string> {
  const { origin } = mail.policy.issuers[0]?.receipts.logs[0] ?? { origin: '' };
  const bystander = openOurVerifier({ policy: withoutFeed(mail.policy), audience: MAIL });
  stage.closing.defer(() => bystander.close());
  const draft = draftToken(current, mail.genuine.claims, { sub: VICTIM });
  const cut = Buffer.from(String(mail.genuine.header['itr']), 'base64url');
  const issuedMs = Date.now();
  const leaf = leafOf(draft, issuedMs);
  const invented = forgeReceipt(impostorLog(origin), leaf, { index: 0, issuedMs });
  return [
    await expect(bystander, signDraft(draft, cut), 'receipt_invalid', 'a borrowed receipt'),
    await expect(bystander, signDraft(draft, invented), 'receipt_key_unknown', 'a made-up one'),
  ].join(', ');
}

async function expect(
  verifier: OurVerifier,
  token: string,
  code: string,
  name: string,
): Promise<string> {
  const judgement = await verifier.judge(token);
  claim(judgement.code === code, `With ${name} Countersign says ${judgement.code || 'yes'}.`);
  return `${name}: ${code}`;
}
