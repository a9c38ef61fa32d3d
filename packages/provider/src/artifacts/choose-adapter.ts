// Which keeper holds which model of the engine.

import type { Adapter } from '../engine/oidc-provider.ts';
import { translateAdapter } from '../engine/translate-failures.ts';
import { createClientAdapter } from '../realm/find-client.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { createAccessTokenAdapter } from '../tokens/find-structured-token.ts';
import { createArtifactAdapter } from './keep-artifacts.ts';
import { createSessionAdapter } from './keep-sessions.ts';

export function chooseAdapter(realm: RealmContext, model: string): Adapter {
  return translateAdapter(adapterFor(realm, model));
}

function adapterFor(realm: RealmContext, model: string): Adapter {
  switch (model) {
    case 'Client':
      return createClientAdapter(realm);
    case 'Session':
      return createSessionAdapter(realm);
    case 'AccessToken':
    case 'ClientCredentials':
      return createAccessTokenAdapter(realm, model);
    default:
      return createArtifactAdapter(realm, model);
  }
}
