// What an application or a person was allowed. A consent counts for the whole tenant when it says
// OnBehalfOfAll or ConsentType AllPrincipals; IsAdminConsent alone does not say so.

import { isObjectWithMembers, unquote } from '../reading/unquote.ts';
import { type Bags, changeOf } from './read-bags.ts';
import { type KeyText, newScopes, readConsent, readKeys } from './read-permissions.ts';

export interface ReadGrant {
  /** Scopes or roles that are new, without doubles. */
  privileges: string[];
  tenantWide?: boolean;
  adminConsent?: boolean;
  /** Keys and secrets after the change. */
  keys?: KeyText[];
}

export function readGrant(bags: Bags): ReadGrant {
  const after = (name: string): string | undefined => unquote(changeOf(bags, name)?.after);
  const consent = readConsent(after('ConsentAction.Permissions'));
  const scopes = [
    ...newScopes(consent),
    ...words(after('DelegatedPermissionGrant.Scope')),
    ...words(after('AppRole.Value')),
    ...words(after('Role.DisplayName'), false),
    ...words(bags.parameters.get('AccessRights'), false),
    ...words(bags.parameters.get('Role'), false),
  ];
  const onBehalfOfAll = isTrue(after('ConsentContext.OnBehalfOfAll'));
  const adminConsent = isTrue(after('ConsentContext.IsAdminConsent'));
  const allPrincipals =
    consent.after.some(({ consentType }) => consentType === 'AllPrincipals') ||
    after('DelegatedPermissionGrant.ConsentType') === 'AllPrincipals';
  const consented = changeOf(bags, 'ConsentContext.IsAdminConsent') ?? consent.after[0];
  const keys = readKeysAfter(bags);
  return {
    privileges: [...new Set(scopes)],
    ...(consented === undefined && !allPrincipals
      ? {}
      : { tenantWide: onBehalfOfAll || allPrincipals, adminConsent }),
    ...(keys.length === 0 ? {} : { keys }),
  };
}

/** What the stored event keeps of it beside the privileges. */
export function showGrant(grant: ReadGrant): Record<string, unknown> {
  const { keys, tenantWide, adminConsent } = grant;
  return {
    ...(keys === undefined ? {} : { keys }),
    ...(tenantWide === undefined
      ? {}
      : {
          consent: {
            tenant_wide: tenantWide,
            ...(adminConsent === undefined ? {} : { admin_consent: adminConsent }),
          },
        }),
  };
}

function readKeysAfter(bags: Bags): KeyText[] {
  const after = changeOf(bags, 'KeyDescription')?.after;
  return after === undefined ? [] : readKeys(isObjectWithMembers(after) ? [] : after);
}

function words(text: string | undefined, split = true): string[] {
  const found = text === undefined ? [] : split ? text.split(/\s+/) : [text.trim()];
  return found.filter((word) => word !== '');
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}
