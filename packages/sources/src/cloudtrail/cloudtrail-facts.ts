// What a CloudTrail record says about who did what with which key.

import type { ActivityFacts } from '@countersign/vocabulary';
import type { Outcome } from '../ocsf/draft-event.ts';
import { memberOf, objectOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import type { CloudTrailMeaning } from './cloudtrail-operations.ts';
import { type AwsIdentity, personsOfAws } from './describe-aws-identity.ts';
import { listAwsItems } from './list-aws-items.ts';
import type { CloudTrailRecord } from './read-cloudtrail.ts';

export interface IssuedCredential {
  id: string;
  expiresMs: number | undefined;
}

/** The key that a call handed out: of a role's session, or a lasting one of a user. */
export function issuedCredentialOf({ response }: CloudTrailRecord): IssuedCredential | undefined {
  if (response === undefined) return undefined;
  const credentials =
    objectOf(memberOf(response, 'credentials')) ??
    objectOf(memberOf(response, 'roleCredentials')) ??
    objectOf(memberOf(response, 'accessKey'));
  const id = textOf(memberOf(credentials, 'accessKeyId'));
  // `Sep 14, 2020, 7:01:26 AM`, and ISO or a number in newer records.
  return id === undefined
    ? undefined
    : { id, expiresMs: timeMsOf(memberOf(credentials, 'expiration')) };
}

export function factsOfCloudTrail(
  trail: CloudTrailRecord,
  identity: AwsIdentity,
  meaning: CloudTrailMeaning,
  outcome: Outcome,
): ActivityFacts {
  const kind = kindOf(trail, meaning);
  const facts: ActivityFacts = { kind, outcome, operation: trail.name };
  addTokens(facts, trail, identity);
  const persons = personsOfAws(identity);
  if (persons.length > 0) facts.persons = persons;
  if (identity.invokedBy !== undefined) facts.app = identity.invokedBy;
  if (trail.address !== undefined) facts.ip = trail.address.ip;
  if (trail.userAgent !== undefined) facts.userAgent = trail.userAgent;
  const tenant = trail.account ?? identity.account;
  if (tenant !== undefined) facts.tenant = tenant;
  facts.resource = trail.source;
  const [service = ''] = trail.source.split('.', 1);
  const touched = listAwsItems(service, trail.name, trail.request);
  if (touched !== undefined) {
    if (touched.items.length > 0) facts.items = touched.items;
    if (!touched.complete) facts.itemsComplete = false;
  }
  return facts;
}

function kindOf(trail: CloudTrailRecord, meaning: CloudTrailMeaning): ActivityFacts['kind'] {
  if (meaning.kind !== undefined) return meaning.kind;
  if (trail.name === 'UpdateAccessKey') {
    return textOf(memberOf(trail.request, 'status')) === 'Inactive' ? 'revocation' : 'change';
  }
  // Without the word of the record: only reading is told by the verb.
  const reads = trail.readOnly ?? meaning.activityId === 2;
  return reads ? 'access' : 'change';
}

/** Of what issues or ends a key that key; of everything else the key it was done with. */
function addTokens(facts: ActivityFacts, trail: CloudTrailRecord, identity: AwsIdentity): void {
  const used = identity.accessKeyId;
  const issued = facts.kind === 'token' ? issuedCredentialOf(trail) : undefined;
  if (issued !== undefined) {
    facts.tokens = [`key:${issued.id}`];
    if (used !== undefined) facts.parents = [`key:${used}`];
    facts.tokenIssuedMs = trail.timeMs;
    if (issued.expiresMs !== undefined) facts.tokenExpiresMs = issued.expiresMs;
    return;
  }
  if (facts.kind === 'revocation') {
    const ended = textOf(memberOf(trail.request, 'accessKeyId'));
    if (ended !== undefined) facts.tokens = [`key:${ended}`];
    return;
  }
  if (used === undefined) return;
  const issues = facts.kind === 'token' || facts.kind === 'sign_in';
  // A sign-in token or a switch of roles hands out no key: the caller's was not issued by it.
  if (issues && facts.outcome !== 'failure') {
    facts.parents = [`key:${used}`];
    return;
  }
  facts.tokens = [`key:${used}`];
  // When the session behind the key began is when the key was handed out.
  if (identity.createdMs !== undefined) facts.tokenIssuedMs = identity.createdMs;
}
