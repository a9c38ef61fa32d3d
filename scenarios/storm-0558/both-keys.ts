// The attacker holds the issuer's signing key and the log's receipt key: forgery and receipt are
// both well made, and are accepted. But the log does not hold the leaf, and every verifier asks it.

import { forgeReceipt } from '../src/attack/forge-receipt.ts';
import { draftToken, hashToken, leafOf, signDraft } from '../src/attack/forge-token.ts';
import { stealKey, stealReceiptKey } from '../src/attack/steal-keys.ts';
import { openOurVerifier, pinPolicy } from '../src/stage/our-verifier.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { MAIL, type MailServer, VICTIM, withoutFeed } from './stage.ts';

const FOUND_WITHIN_MS = 10_000;
/** A place that the log will not reach while this runs. */
const FAR_AHEAD = 1_000_000;

/** A realm whose keys nothing has quarantined yet. */
export async function freshRealm(mail: MailServer, population: string) {
  const issuer = `${mail.server.url}/acme/${population}`;
  const policy = await pinPolicy(mail.server, issuer);
  // The realm makes its keys when it is first asked for them.
  const keys = await fetch(policy.issuers[0]?.jwksUri ?? '');
  await keys.body?.cancel();
  return { issuer, policy, key: stealKey(mail.server, issuer) };
}

export async function forgeWithBothKeys(stage: Stage, mail: MailServer): Promise<Found<void>> {
  const { issuer, policy, key } = await freshRealm(mail, 'partner');
  const log = stealReceiptKey(mail.server);
  const forger = { keyId: log.note.id, privateKey: log.privateKey, origin: log.note.name };
  // Without the feed, so that it is the audit that finds the second forgery, and not the quarantine
  // that followed the first.
  const ours = openOurVerifier({
    policy: withoutFeed(policy),
    audience: MAIL,
    credential: mail.credential,
  });
  stage.closing.defer(() => ours.close());
  const forge = (index: number): string => {
    const draft = draftToken(key, mail.genuine.claims, { iss: issuer, sub: VICTIM });
    const issuedMs = Date.now();
    return signDraft(draft, forgeReceipt(forger, leafOf(draft, issuedMs), { index, issuedMs }));
  };
  const attempts = [forge(0), forge(FAR_AHEAD)];
  const seconds = await Promise.all(
    attempts.map(async (token) => {
      const startedMs = performance.now();
      const first = await ours.judge(token);
      claim(first.accepted, `At first Countersign says ${first.code}.`);
      await ours.awaitRefusal(token, 'receipt_audit_failed', FOUND_WITHIN_MS);
      return ((performance.now() - startedMs) / 1000).toFixed(1);
    }),
  );
  await ours.flush();
  const hashes = attempts.map(hashToken);
  const findings = await Promise.all(
    hashes.map((hash) =>
      mail.operator.awaitFinding(
        (each) => each.tokenHash === hash && each.class === 'forged',
        FOUND_WITHIN_MS,
      ),
    ),
  );
  claim(
    findings.some(({ quarantined }) => quarantined),
    'The alarm is raised and the key is not quarantined.',
  );
  return {
    detail: `accepted at first; the deferred audit finds a place of the log that holds another leaf after ${seconds[0]} s and a place that does not exist after ${seconds[1]} s; then refused (receipt_audit_failed), token.forged, key quarantined`,
    value: undefined,
  };
}
