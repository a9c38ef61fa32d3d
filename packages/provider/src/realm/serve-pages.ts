// The pages the engine asks for by itself: device codes, sign-out, errors.

import type { EngineClient, EngineConfiguration, EngineContext } from '../engine/oidc-provider.ts';
import { deviceCodeBody, deviceConfirmBody, deviceDoneBody } from '../pages/device-pages.ts';
import { formTargets } from '../pages/form-targets.ts';
import { loggedOutBody, logoutBody } from '../pages/message-pages.ts';
import { sendPage } from '../pages/page-frame.ts';
import { forgiveAttempt } from './guard-device-page.ts';
import type { RealmContext } from './realm-context.ts';
import { realmPage } from './realm-page.ts';
import { describeForPeople, sendErrorPage } from './render-failure.ts';

const SELF = formTargets(undefined);

type Features = NonNullable<EngineConfiguration['features']>;

function xsrf(ctx: EngineContext): string {
  return String((ctx.oidc.session?.state as { secret?: string } | undefined)?.secret ?? '');
}

export function devicePages(realm: RealmContext): Partial<NonNullable<Features['deviceFlow']>> {
  return {
    deviceInfo: (ctx) => ({ ip: realm.addressOf(ctx.req) ?? 'an unknown address' }),
    async userCodeInputSource(ctx, _form, _out, error) {
      const failure = error as { name?: string; userCode?: string } | undefined;
      const problem = failure === undefined ? undefined : codeProblem(failure.name);
      const body = deviceCodeBody({
        action: ctx.oidc.urlFor('code_verification'),
        formToken: xsrf(ctx),
        userCode: failure?.userCode ?? String(ctx.state['userCode'] ?? ''),
        ...(problem === undefined ? {} : { problem }),
      });
      sendPage(ctx, 200, realmPage(realm, 'Connect a device', body), SELF);
    },
    async userCodeConfirmSource(ctx, _form, client, deviceInfo, userCode) {
      forgiveAttempt(ctx);
      const info = deviceInfo as { ip?: string } | undefined;
      const body = deviceConfirmBody({
        action: ctx.oidc.urlFor('code_verification'),
        formToken: xsrf(ctx),
        userCode,
        clientName: client.clientName ?? client.clientId,
        deviceAddress: info?.ip ?? 'an unknown address',
      });
      sendPage(ctx, 200, realmPage(realm, 'Is this your device?', body), SELF);
    },
    async successSource(ctx) {
      const { client } = ctx.oidc;
      const body = deviceDoneBody(client?.clientName ?? client?.clientId ?? 'The device');
      sendPage(ctx, 200, realmPage(realm, 'Device connected', body), SELF);
    },
  };
}

function codeProblem(name: string | undefined): string {
  switch (name) {
    case 'NoCodeError':
      return 'Type the code first.';
    case 'NotFoundError':
      return 'That code is not known. Compare it with the one on your device.';
    case 'ExpiredError':
      return 'That code has expired. Ask your device for a new one.';
    case 'AlreadyUsedError':
      return 'That code was used already. Ask your device for a new one.';
    case 'AbortedError':
      return 'The device was not connected.';
    default:
      return 'That did not work. Type the code again.';
  }
}

export function logoutPages(
  realm: RealmContext,
): Partial<NonNullable<Features['rpInitiatedLogout']>> {
  return {
    async logoutSource(ctx) {
      const client: EngineClient | undefined = ctx.oidc.client;
      const body = logoutBody({
        action: ctx.oidc.urlFor('end_session_confirm'),
        formToken: xsrf(ctx),
        organisation: realm.displayName,
        clientName: client?.clientName ?? client?.clientId,
      });
      // The confirmed sign-out ends with a redirect to a registered address of the client.
      const state = ctx.oidc.session?.state as { postLogoutRedirectUri?: string } | undefined;
      const targets = formTargets(state?.postLogoutRedirectUri);
      sendPage(ctx, 200, realmPage(realm, 'Sign out', body), targets);
    },
    async postLogoutSuccessSource(ctx) {
      sendPage(ctx, 200, realmPage(realm, 'Signed out', loggedOutBody()), SELF);
    },
  };
}

export function errorPage(realm: RealmContext): NonNullable<EngineConfiguration['renderError']> {
  return async (ctx, out, error) => {
    const said = describeForPeople(error) ?? out.error_description;
    sendErrorPage(realm, ctx, ctx.status, out.error, said);
  };
}
