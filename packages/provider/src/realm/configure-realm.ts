// One realm's settings of the engine, from the population's policy. Everything the engine would
// otherwise decide by a default of its own is decided here.

import { chooseAdapter } from '../artifacts/choose-adapter.ts';
import { ListedKey } from '../engine/external-key.ts';
import type { Engine, EngineConfiguration } from '../engine/oidc-provider.ts';
import { DEVICE_GRANT } from '../population-policy.ts';
import { mayRenew } from '../risk-gate/carry-judgement.ts';
import { choosePrompts } from '../sign-in/choose-prompts.ts';
import { PHISHING_RESISTANT } from '../sign-in/finish-sign-in.ts';
import { loadGrant } from '../sign-in/load-grant.ts';
import { mayIntrospect, mayRevoke } from '../tokens/allow-token-queries.ts';
import { fetchForRealm } from './fetch-for-realm.ts';
import { findAccount, OPENID_CLAIMS } from './find-account.ts';
import { SESSION_COOKIE } from './guard-device-page.ts';
import type { RealmContext } from './realm-context.ts';
import { defaultResource, describeResource } from './resolve-resource.ts';
import { devicePages, errorPage, logoutPages } from './serve-pages.ts';

const ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const;
const CLOCK_TOLERANCE_SECONDS = 5;
const LARGEST_FETCHED_BYTES = 65_536;

/** @param engine handed in late: the engine that these settings make. */
export function configureRealm(realm: RealmContext, engine: () => Engine): EngineConfiguration {
  return {
    adapter: (model: string) => chooseAdapter(realm, model),
    jwks: { keys: realm.keys.known.map((key) => new ListedKey(key)) },
    claims: OPENID_CLAIMS,
    acrValues: [PHISHING_RESISTANT],
    conformIdTokenClaims: false,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    clientDefaults: {
      grant_types: ['authorization_code'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
      token_endpoint_auth_method: 'client_secret_basic',
    },
    // A browser app may call from where it is registered to be sent back to.
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    responseTypes: ['code'],
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    subjectTypes: ['public'],
    pkce: { required: () => true },
    enabledJWA: {
      idTokenSigningAlgValues: ALGORITHMS,
      clientAuthSigningAlgValues: ALGORITHMS,
      dPoPSigningAlgValues: ALGORITHMS,
    },
    routes: { userinfo: '/userinfo' },
    cookies: configureCookies(realm),
    features: configureFeatures(realm),
    ttl: configureLifetimes(realm),
    findAccount: (_ctx, id) => findAccount(realm, id),
    loadExistingGrant: (ctx) => loadGrant(realm, engine(), ctx),
    issueRefreshToken: async (ctx, client) =>
      client.grantTypeAllowed('refresh_token') && mayRenew(ctx),
    rotateRefreshToken: true,
    interactions: {
      policy: choosePrompts(realm),
      url: (_ctx, interaction) => `${realm.mountPath}/interaction/${interaction.uid}`,
    },
    renderError: errorPage(realm),
    fetch: (url, options) => fetchForRealm(realm, url, options),
    fetchResponseBodyLimits: { jwks_uri: LARGEST_FETCHED_BYTES },
  };
}

function configureCookies(realm: RealmContext): NonNullable<EngineConfiguration['cookies']> {
  const shape = {
    httpOnly: true,
    sameSite: 'lax',
    signed: true,
    secure: realm.issuer.startsWith('https:'),
  } as const;
  return {
    keys: realm.secrets.cookieKeys,
    names: {
      session: SESSION_COOKIE,
      interaction: 'countersign_interaction',
      resume: 'countersign_resume',
    },
    // A session cookie goes to its own realm and to no other of this host.
    long: { ...shape, path: realm.mountPath },
    short: shape,
  };
}

function configureFeatures(realm: RealmContext): NonNullable<EngineConfiguration['features']> {
  const { grants, dpopNonce } = realm.policy;
  return {
    devInteractions: { enabled: false },
    externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    clientCredentials: { enabled: grants.includes('client_credentials') },
    deviceFlow: { enabled: grants.includes(DEVICE_GRANT), ...devicePages(realm) },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: {
      enabled: true,
      nonceSecret: realm.secrets.dpopNonceSecret,
      requireNonce: () => dpopNonce === 'required',
    },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => mayIntrospect(realm, client, token),
    },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => mayRevoke(client, token) },
    userinfo: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, ...logoutPages(realm) },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx, client, oneOf) => defaultResource(realm, ctx, client, oneOf),
      useGrantedResource: async () => true,
      getResourceServerInfo: (_ctx, identifier, client) =>
        describeResource(realm, identifier, client),
    },
  };
}

function configureLifetimes({ policy }: RealmContext): NonNullable<EngineConfiguration['ttl']> {
  return {
    AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? policy.accessTokenSeconds,
    ClientCredentials: (_ctx, token) =>
      token.resourceServer?.accessTokenTTL ?? policy.accessTokenSeconds,
    AuthorizationCode: 60,
    DeviceCode: policy.deviceCodeSeconds,
    Grant: policy.grantSeconds,
    IdToken: policy.idTokenSeconds,
    Interaction: policy.interactionSeconds,
    RefreshToken: (ctx) => {
      const left = ctx.oidc.entities.Grant?.remainingTTL ?? policy.refreshTokenSeconds;
      return Math.max(1, Math.min(policy.refreshTokenSeconds, left));
    },
    Session: policy.sessionSeconds,
  };
}
