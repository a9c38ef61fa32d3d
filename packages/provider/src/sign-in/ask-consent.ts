// Consent to applications that are not the organisation's own. What was allowed is kept in the
// directory, where the person can withdraw it, and is not asked again.

import type { ConsentScopes } from '@countersign/directory';
import type { EngineGrant } from '../engine/oidc-provider.ts';
import { type ConsentRequest, consentBody, describeScope } from '../pages/consent-page.ts';
import { formTargets } from '../pages/form-targets.ts';
import { sendPage } from '../pages/page-frame.ts';
import { realmPage } from '../realm/realm-page.ts';
import { formToken } from './form-token.ts';
import { finishStep, type Step } from './handle-interactions.ts';
import { addScopes } from './load-grant.ts';

export async function showConsent(step: Step): Promise<void> {
  const { realm, interaction, path } = step;
  const personId = interaction.session?.accountId ?? '';
  const person = await realm.directory.people.find(realm.id, personId);
  const redirect = URL.parse(String(interaction.params['redirect_uri'] ?? ''));
  const body = consentBody({
    action: `${path}/consent`,
    cancelAction: `${path}/cancel`,
    formToken: formToken(realm.secrets.formKey, interaction.uid, interaction.prompt.name),
    clientName: step.clientName,
    clientHost: redirect === null ? 'your device' : redirect.host || 'an app on this device',
    personName: person?.name ?? person?.username ?? personId,
    personDetail: person?.email ?? person?.username ?? '',
    requests: await describeRequests(step),
  });
  sendPage(
    step.ctx,
    200,
    realmPage(realm, 'Allow access', body),
    formTargets(step.interaction.params['redirect_uri']),
  );
}

async function describeRequests(step: Step): Promise<ConsentRequest[]> {
  const { realm } = step;
  const { scopes, resourceScopes } = missing(step);
  const requests = scopes.map((scope) => describeScope(scope));
  for (const [identifier, names] of Object.entries(resourceScopes)) {
    if (identifier === realm.issuer) continue;
    const resource = await realm.directory.resources.find(realm.realm.tenant, identifier);
    requests.push(...names.map((name) => describeScope(name, resource?.name ?? identifier)));
  }
  if (requests.length > 0) return requests;
  const requested = String(step.interaction.params['scope'] ?? '').split(' ');
  return requested.filter((scope) => scope !== '').map((scope) => describeScope(scope));
}

/** What the engine found not yet granted. */
function missing({ interaction }: Step): ConsentScopes {
  const { details } = interaction.prompt;
  return {
    scopes: (details['missingOIDCScope'] ?? []) as string[],
    resourceScopes: (details['missingResourceScopes'] ?? {}) as Record<string, string[]>,
  };
}

export async function acceptConsent(step: Step): Promise<void> {
  const { realm, engine, interaction, clientId } = step;
  const accountId = interaction.session?.accountId ?? '';
  const allowed = missing(step);
  await realm.directory.consents.give({
    realm: realm.id,
    personId: accountId,
    clientId,
    scopes: [...allowed.scopes],
    resourceScopes: allowed.resourceScopes,
  });
  const found =
    interaction.grantId === undefined ? undefined : await engine.Grant.find(interaction.grantId);
  const grant = (found as EngineGrant | undefined) ?? new engine.Grant({ accountId, clientId });
  addScopes(grant, allowed);
  const grantId = await grant.save();
  await finishStep(step, { consent: { grantId } }, true);
}
