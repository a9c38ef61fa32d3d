// Everything we change in an engine instance, in one place. Each change is a member of a class that
// belongs to this instance alone; `engine/contract.test.ts` pins that they exist and are called.

import { clientRecord } from '../realm/find-client.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { judgeRefresh } from '../risk-gate/judge-token.ts';
import { RISK_MEMBERS } from '../risk-gate/keep-limit.ts';
import { limitToken } from '../risk-gate/limit-token.ts';
import { NETWORK_MEMBER } from '../risk-gate/sign-in-network.ts';
import { issueAccessToken } from '../road/compose-access-token.ts';
import { issueIdToken } from '../road/compose-id-token.ts';
import { takeAccessJti } from '../road/trace-lineage.ts';
import { readIssuedIdToken } from '../tokens/find-structured-token.ts';
import { hideStructuredToken } from '../tokens/hide-structured-token.ts';
import {
  classesOf,
  currentContext,
  type Engine,
  type EngineAccessToken,
  type EngineClasses,
  type EngineClient,
  type EngineIdToken,
  type EngineRefreshToken,
  type IssueOptions,
} from './oidc-provider.ts';
import { translating } from './translate-failures.ts';

export function overrideEngine(engine: Engine, realm: RealmContext): void {
  const classes = classesOf(engine);
  for (const model of [classes.AccessToken, classes.ClientCredentials]) {
    overrideAccessTokens(model.prototype, realm);
  }

  classes.IdToken.prototype['issue'] = function issue(this: EngineIdToken, options: IssueOptions) {
    return translating(() => issueIdToken(realm, this, options));
  };
  // A hint is believed when its exact bytes are in our ledger, whatever became of its key.
  classes.IdToken.validate = (token: string, client: EngineClient) =>
    readIssuedIdToken(realm, token, client.clientId);

  // The directory keeps only a hash of a client's secret, so only it can compare.
  classes.Client.prototype['compareClientSecret'] = function compare(
    this: EngineClient,
    secret: string,
  ) {
    return realm.directory.clients.verifySecret(realm.id, this.clientId, secret);
  };
  rememberClients(classes.Client, realm);
  // Every token of a session names it, not only those of clients with a logout endpoint.
  classes.Client.prototype['includeSid'] = () => true;

  remember(classes.RefreshToken, 'accessJti', ...RISK_MEMBERS);
  const { Session, Interaction, Grant, AuthorizationCode } = classes;
  for (const model of [Session, Interaction, Grant, AuthorizationCode]) {
    remember(model, ...RISK_MEMBERS);
  }
  remember(Session, NETWORK_MEMBER);
  judgeRefreshes(classes.RefreshToken.prototype, realm);

  // URLs come from the issuer, never from the Host header of whoever asks.
  Object.defineProperty(classes.OIDCContext.prototype, 'urlFor', {
    value: (name: string, options?: Record<string, unknown>) => engine.urlFor(name, options),
  });
  hideStructuredToken(classes.OIDCContext.prototype);
  const protocol = new URL(realm.issuer).protocol.slice(0, -1);
  Object.defineProperty(classes.request, 'protocol', { get: () => protocol });
}

/**
 * The engine hashes a client's whole metadata on each request to see whether it changed. The
 * directory hands out the same frozen record until it changes, so being the same object is enough.
 */
function rememberClients(model: EngineClasses['Client'], realm: RealmContext): void {
  const built = new WeakMap<object, EngineClient>();
  const build = model.find;
  model.find = async (clientId) => {
    if (typeof clientId !== 'string' || clientId === '') return undefined;
    const record = await translating(() => clientRecord(realm, clientId));
    if (record === undefined) return undefined;
    const known = built.get(record);
    if (known !== undefined) return known;
    const client = await build.call(model, clientId);
    if (client !== undefined) built.set(record, client);
    return client;
  };
}

/** Members of ours are kept with the engine's own. */
function remember(model: { IN_PAYLOAD: string[] }, ...members: string[]): void {
  Object.defineProperty(model, 'IN_PAYLOAD', { value: [...model.IN_PAYLOAD, ...members] });
}

/** Once all that the engine checks is right, and before anything is used up. */
function judgeRefreshes(prototype: Record<string, unknown>, realm: RealmContext): void {
  const useUp = prototype['consume'] as (this: EngineRefreshToken) => Promise<void>;
  prototype['consume'] = async function consume(this: EngineRefreshToken) {
    await translating(() => judgeRefresh(realm, this));
    await useUp.call(this);
  };
}

function overrideAccessTokens(prototype: Record<string, unknown>, realm: RealmContext): void {
  prototype['generateTokenId'] = function generateTokenId(this: EngineAccessToken) {
    this.format = 'jwt';
    return takeAccessJti(currentContext(), realm.random);
  };
  // No payload in the answer: the engine then stores nothing, the ledger knows the token.
  prototype['getValueAndPayload'] = async function getValueAndPayload(this: EngineAccessToken) {
    return {
      value: await translating(async () => {
        await limitToken(realm, this);
        return issueAccessToken(realm, this);
      }),
    };
  };
}
