// `userIdentity` → who it was, in the words of OCSF and as facts to join by. A session of a role is
// known by the key it was given; what the key was made from is in the AssumeRole call.

import { omitAbsent } from '../ocsf/draft-event.ts';
import { foldPersons } from '../reading/fold-person.ts';
import { type LooseObject, memberOf, objectOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { truthOf } from './read-cloudtrail.ts';

const TYPE_IDS: Readonly<Record<string, number>> = {
  IAMUser: 1,
  IdentityCenterUser: 1,
  FederatedUser: 1,
  SAMLUser: 1,
  WebIdentityUser: 1,
  Root: 2,
  AWSService: 4,
};

export interface AwsIdentity {
  type: string | undefined;
  arn: string | undefined;
  principal: string | undefined;
  account: string | undefined;
  accessKeyId: string | undefined;
  userName: string | undefined;
  invokedBy: string | undefined;
  /** When the session of a role or of the console began. */
  createdMs: number | undefined;
  isMfa: boolean | undefined;
  issuer: LooseObject | undefined;
  sourceIdentity: string | undefined;
  identityCenterUser: string | undefined;
  federatedBy: string | undefined;
}

export function readIdentity(identity: LooseObject | undefined): AwsIdentity {
  const context = objectOf(memberOf(identity, 'sessionContext'));
  const attributes = objectOf(memberOf(context, 'attributes'));
  const web = objectOf(memberOf(context, 'webIdFederationData'));
  return {
    type: textOf(memberOf(identity, 'type')),
    arn: textOf(memberOf(identity, 'arn')),
    principal: textOf(memberOf(identity, 'principalId')),
    account: textOf(memberOf(identity, 'accountId')),
    accessKeyId: textOf(memberOf(identity, 'accessKeyId')),
    userName: textOf(memberOf(identity, 'userName')),
    invokedBy: textOf(memberOf(identity, 'invokedBy')),
    createdMs: timeMsOf(memberOf(attributes, 'creationDate')),
    isMfa: truthOf(memberOf(attributes, 'mfaAuthenticated')),
    issuer: objectOf(memberOf(context, 'sessionIssuer')),
    sourceIdentity: textOf(memberOf(context, 'sourceIdentity')),
    identityCenterUser: textOf(memberOf(objectOf(memberOf(identity, 'onBehalfOf')), 'userId')),
    federatedBy:
      textOf(memberOf(web, 'federatedProvider')) ?? textOf(memberOf(identity, 'identityProvider')),
  };
}

/** The name a person gave the session of a role: the part of the principal after the colon. */
function sessionNameOf({ arn, principal }: AwsIdentity): string | undefined {
  const colon = principal?.indexOf(':') ?? -1;
  if (principal !== undefined && colon >= 0) return textOf(principal.slice(colon + 1));
  return /:assumed-role\/[^/]+\/(.+)$/.exec(arn ?? '')?.[1];
}

export function describeAwsUser(identity: AwsIdentity): Record<string, unknown> {
  const { type, arn, principal, account, accessKeyId, userName, invokedBy } = identity;
  const name = userName ?? sessionNameOf(identity) ?? (type === 'Root' ? 'root' : undefined);
  const uid = arn ?? principal;
  const known = uid !== undefined || name !== undefined;
  return omitAbsent({
    account: account === undefined ? undefined : awsAccount(account),
    credential_uid: accessKeyId,
    name: known ? name : (invokedBy ?? 'unknown'),
    type,
    type_id: type === undefined ? 0 : (TYPE_IDS[type] ?? 99),
    uid,
    uid_alt: arn === undefined ? undefined : principal,
  });
}

export function describeAwsActor(identity: AwsIdentity): Record<string, unknown> {
  const issuer = textOf(memberOf(identity.issuer, 'arn'));
  const session =
    identity.createdMs === undefined && issuer === undefined
      ? undefined
      : omitAbsent({
          created_time: identity.createdMs,
          credential_uid: identity.accessKeyId,
          is_mfa: identity.isMfa,
          issuer,
        });
  return omitAbsent({
    idp: identity.federatedBy === undefined ? undefined : { name: identity.federatedBy },
    invoked_by: identity.invokedBy,
    session,
    user: describeAwsUser(identity),
  });
}

export function awsAccount(uid: string): Record<string, unknown> {
  return { type: 'AWS Account', type_id: 10, uid };
}

/** The ARN, and the address or name that a role's session carries: with single sign-on, the person's. */
export function personsOfAws(identity: AwsIdentity): string[] {
  const { arn, principal, type, account, userName, sourceIdentity, identityCenterUser } = identity;
  if (type === 'AWSService') return [];
  const named = [sessionNameOf(identity), sourceIdentity, userName];
  const madeUp =
    arn === undefined && type === 'IAMUser' && userName !== undefined && account !== undefined
      ? `arn:aws:iam::${account}:user/${userName}`
      : undefined;
  return foldPersons({
    emails: named.filter((name) => name?.includes('@')),
    ids: [arn ?? madeUp ?? principal, identityCenterUser],
  });
}
