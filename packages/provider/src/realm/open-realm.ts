// Builds one realm: its keys ensured, its engine configured and overridden, its layers in order.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveAccount } from '../account/serve-account.ts';
import { answerClientCredentials } from '../client-credentials/answer-client-credentials.ts';
import { Engine, onConnectionError } from '../engine/oidc-provider.ts';
import { overrideEngine } from '../engine/override-engine.ts';
import { serveScripts } from '../passkeys/serve-scripts.ts';
import { noteTokenFailure } from '../risk-gate/note-token-failure.ts';
import { handleInteractions } from '../sign-in/handle-interactions.ts';
import { recordQueries } from '../tokens/record-query.ts';
import { configureRealm } from './configure-realm.ts';
import { guardDevicePage } from './guard-device-page.ts';
import { gateTokenRoute, guardRequests, type ReportFailure } from './guard-requests.ts';
import type { RealmContext } from './realm-context.ts';
import { serveJwks } from './serve-jwks.ts';

export interface OpenRealm {
  context: RealmContext;
  engine: Engine;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** @throws CodedError when the signer cannot make or list the realm's keys. */
export async function openRealm(context: RealmContext, report: ReportFailure): Promise<OpenRealm> {
  await context.keys.publishedKeys();
  const engine: Engine = new Engine(
    context.issuer,
    configureRealm(context, () => engine),
  );
  overrideEngine(engine, context);
  engine.use(guardRequests(context, report));
  engine.use(gateTokenRoute(context));
  engine.use(serveJwks(context));
  engine.use(serveScripts());
  engine.use(recordQueries(context, report));
  engine.use(guardDevicePage(context));
  engine.use(serveAccount(context, engine));
  engine.use(handleInteractions(context, engine));
  engine.on('server_error', (_ctx, error) => report(error, 'engine'));
  engine.on('grant.error', (ctx, error) => {
    noteTokenFailure(context, ctx, error);
    if (error.statusCode >= 500) report(error.cause ?? error, 'token endpoint');
  });
  engine.on('backchannel.error', (_ctx, error) => report(error, 'back-channel logout'));
  onConnectionError(engine, (error) => report(error, 'connection'));
  const callback = engine.callback();
  return {
    context,
    engine,
    handle: async (request, response) => {
      const mayBeService = request.method === 'POST' && request.url === '/token';
      if (mayBeService && (await answerClientCredentials(context, request, response, report)))
        return;
      await callback(request, response);
    },
  };
}
