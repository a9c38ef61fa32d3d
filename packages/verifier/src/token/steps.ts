// The way of a token through the verifier, one line a check. Cheap ones first; the receipt directly
// after the issuer's signature, so that a stolen key is told even by a token that would also fail
// for its claims; what uses up memory last.

import { checkAudience, checkNonce, checkScope, checkTenant } from './check-context.ts';
import { checkInclusion } from './check-inclusion.ts';
import { checkIssueTime, checkKeyScope, checkKeyTime, findKey } from './check-key.ts';
import { checkKeyLogged } from './check-key-log.ts';
import { checkReceipt, checkReceiptTime } from './check-receipt.ts';
import { checkFirstUse, checkSender } from './check-sender.ts';
import { checkSignature } from './check-signature.ts';
import { checkAudit, checkFeedFresh, checkQuarantine, checkRevocation } from './check-status.ts';
import { checkTags } from './check-tags.ts';
import { checkLifetime, checkTimes } from './check-times.ts';
import {
  checkAlgorithm,
  checkExpectedIssuer,
  checkType,
  findIssuer,
  readPayload,
} from './find-issuer.ts';
import type { Step } from './judgement.ts';
import { checkRequiredClaims, readClaims } from './read-claims.ts';
import { readEnvelope } from './read-envelope.ts';
import { readHeader } from './read-header.ts';

const once = false;
const again = true;

function step(name: string, again: boolean, run: Step['run'], establishes: string): Step {
  return { name, again, run, establishes };
}

export const STEPS: readonly Step[] = [
  step('envelope', once, readEnvelope, 'The token is a compact JWS in canonical spelling.'),
  step('header', once, readHeader, 'The header names a key and brings none.'),
  step('payload', once, readPayload, 'The payload is JSON that reads only one way.'),
  step('issuer', once, findIssuer, 'The policy knows the issuer.'),
  step('expected issuer', again, checkExpectedIssuer, 'The issuer is the one expected here.'),
  step('algorithm', once, checkAlgorithm, 'The policy allows the algorithm for this issuer.'),
  step('type', again, checkType, 'The token is of the type expected here.'),
  step('feed', again, checkFeedFresh, 'What is known of revocations and quarantines is fresh.'),
  step('quarantine', again, checkQuarantine, 'The key is not quarantined.'),
  step('key', once, findKey, 'The issuer publishes the key.'),
  step('key scope', once, checkKeyScope, 'The key may speak for issuer, tenant, type.'),
  step('key time', again, checkKeyTime, 'The key is valid now.'),
  step('signature', once, checkSignature, 'The issuer signed the token as it stands.'),
  step('key log', again, checkKeyLogged, 'A pinned log saw the issuer publish the key.'),
  step('receipt', once, checkReceipt, 'A pinned log saw the token before it was signed.'),
  step('tags', once, checkTags, 'The tenant finds the token among its own in the log.'),
  step('audit', again, checkAudit, 'No audit of the log has failed for this token.'),
  step('claims', once, readClaims, 'All claims are there, sound, and spelt one way.'),
  step('receipt time', once, checkReceiptTime, 'Log and issuer agree when it was issued.'),
  step('times', again, checkTimes, 'The token may be used now.'),
  step('issue time', once, checkIssueTime, 'The key was valid when the token was issued.'),
  step('lifetime', once, checkLifetime, 'The token lives no longer than the policy allows.'),
  step('audience', again, checkAudience, 'The token is meant for this audience.'),
  step('tenant', again, checkTenant, 'The token is for this tenant.'),
  step('nonce', again, checkNonce, 'The ID token answers this sign-in.'),
  step('required claims', again, checkRequiredClaims, 'The claims the caller needs are there.'),
  step('inclusion', again, checkInclusion, 'The log is seen to hold what its receipt promised.'),
  step('revocation', again, checkRevocation, 'The token is not revoked.'),
  step('scope', again, checkScope, 'The token grants the scope this request needs.'),
  step('sender', again, checkSender, 'The sender holds the key the token is bound to.'),
  step('first use', again, checkFirstUse, 'The token was not used before.'),
];

/** The steps for a token whose signatures are remembered. */
export const STEPS_AGAIN: readonly Step[] = STEPS.filter((step) => step.again);
