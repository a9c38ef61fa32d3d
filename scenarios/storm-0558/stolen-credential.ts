// The attacker holds a signing key and a credential by which other issuer instances submit leaves.
// He logs his forgery properly and gets an honest receipt. But nobody has a record of issuing it.

import { draftToken, hashToken, leafOf, signDraft } from '../src/attack/forge-token.ts';
import { submitLeaf } from '../src/attack/submit-leaf.ts';
import { openOurVerifier } from '../src/stage/our-verifier.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { freshRealm } from './both-keys.ts';
import { MAIL, type MailServer, VICTIM } from './stage.ts';

const FOUND_WITHIN_MS = 10_000;

export async function logTheForgery(stage: Stage, mail: MailServer): Promise<Found<void>> {
  const { issuer, policy, key } = await freshRealm(mail, 'device');
  const { credential } = await mail.operator.post<{ credential: string }>('/api/v1/submitters', {
    name: 'second issuer',
  });
  const draft = draftToken(key, mail.genuine.claims, { iss: issuer, sub: VICTIM });
  const leaf = leafOf(draft, Date.now());
  const loggedMs = performance.now();
  const receipt = await submitLeaf(mail.server.url, credential, leaf);
  const forged = signDraft(draft, receipt);
  const ours = openOurVerifier({ policy, audience: MAIL, credential: mail.credential });
  stage.closing.defer(() => ours.close());
  const first = await ours.judge(forged);
  claim(first.accepted, `At first Countersign says ${first.code}.`);
  const index = first.verified?.receipt?.index;
  await ours.flush();
  const secondsSinceLogged = (): string => ((performance.now() - loggedMs) / 1000).toFixed(1);
  const tokenHash = hashToken(forged);
  const [unissued, used] = await Promise.all([
    mail.operator
      .awaitFinding(
        (each) => each.class === 'unissued' && each['logIndex'] === index,
        FOUND_WITHIN_MS,
      )
      .then(secondsSinceLogged),
    mail.operator
      .awaitFinding(
        (each) => each.class === 'forged' && each.tokenHash === tokenHash,
        FOUND_WITHIN_MS,
      )
      .then(secondsSinceLogged),
  ]);
  return {
    detail: `the leaf at place ${index} of the log is found to be logged and never issued after ${unissued} s, the use of its token is found to be forged after ${used} s`,
    value: undefined,
  };
}
