// The steps between an authorization request and its answer: sign in, consent, give up. Each step
// belongs to one browser by its signed cookie, to one form by its token, and is taken at most once.

import type { Context, Middleware } from 'koa';
import { type Engine, type EngineInteraction, oauthError } from '../engine/oidc-provider.ts';
import { clientRecord } from '../realm/find-client.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { pendingStepUp } from '../step-up/pending-step-up.ts';
import { giveUpStepUp, showStepUp, submitStepUp } from '../step-up/take-step-up.ts';
import { acceptConsent, showConsent } from './ask-consent.ts';
import { isFormToken } from './form-token.ts';
import { readForm, requireSameOrigin } from './read-form.ts';
import { showSignIn, submitSignIn } from './sign-in-person.ts';
import { submitPasskey } from './sign-in-with-passkey.ts';

const ROUTE = /^\/interaction\/([\w-]{20,64})(?:\/(sign-in|passkey|step-up|consent|cancel))?$/;

/** One step, with everything its handlers need. */
export interface Step {
  realm: RealmContext;
  engine: Engine;
  ctx: Context;
  interaction: EngineInteraction;
  clientId: string;
  clientName: string;
  path: string;
}

export function handleInteractions(realm: RealmContext, engine: Engine): Middleware {
  return (ctx, next) => {
    const match = ctx.path.startsWith('/interaction/') ? ROUTE.exec(ctx.path) : null;
    if (match === null) return next();
    const [, uid = '', action] = match;
    return takeStep(realm, engine, ctx, uid, action);
  };
}

async function takeStep(
  realm: RealmContext,
  engine: Engine,
  ctx: Context,
  uid: string,
  action: string | undefined,
): Promise<void> {
  const step = await openStep(realm, engine, ctx, uid);
  if (ctx.method === 'GET' && action === undefined) return show(step);
  if (ctx.method !== 'POST' || action === undefined) {
    throw oauthError(405, 'invalid_request', 'this address takes posted forms only');
  }
  requireSameOrigin(ctx, realm.issuer);
  const form = await readForm(ctx, realm.limits.largestBodyBytes);
  const { name } = step.interaction.prompt;
  if (!isFormToken(realm.secrets.formKey, uid, name, form.get('form_token') ?? undefined)) {
    throw oauthError(403, 'invalid_request', 'the form is out of date; open the page again');
  }
  if (action === 'cancel') return cancel(step);
  if (action === 'sign-in' && name === 'login') return submitSignIn(step, form);
  if (action === 'passkey' && name === 'login') return submitPasskey(step, form);
  if (action === 'step-up' && name === 'login') return submitStepUp(step, form);
  if (action === 'consent' && name === 'consent') return acceptConsent(step);
  throw oauthError(409, 'invalid_request', 'this step is over; go back to the application');
}

async function openStep(
  realm: RealmContext,
  engine: Engine,
  ctx: Context,
  uid: string,
): Promise<Step> {
  const interaction = await engine.interactionDetails(ctx.req, ctx.res);
  if (interaction.uid !== uid) {
    throw oauthError(400, 'invalid_request', 'another sign-in was begun in this browser since');
  }
  const clientId = String(interaction.params['client_id'] ?? '');
  const record = await clientRecord(realm, clientId);
  return {
    realm,
    engine,
    ctx,
    interaction,
    clientId,
    clientName: record?.client_name ?? clientId,
    path: `${realm.mountPath}/interaction/${uid}`,
  };
}

async function show(step: Step): Promise<void> {
  if (step.interaction.prompt.name === 'consent') return showConsent(step);
  const pending = pendingStepUp(step);
  return pending === undefined ? showSignIn(step) : showStepUp(step, pending);
}

/** RFC 6749 §4.1.2.1. */
async function cancel(step: Step): Promise<void> {
  const pending = pendingStepUp(step);
  if (pending !== undefined) await giveUpStepUp(step, pending);
  return finishStep(step, {
    error: 'access_denied',
    error_description: 'the person did not go on',
  });
}

export async function finishStep(
  { engine, ctx }: Step,
  result: Record<string, unknown>,
  mergeWithLastSubmission = false,
): Promise<void> {
  const returnTo = await engine.interactionResult(ctx.req, ctx.res, result, {
    mergeWithLastSubmission,
  });
  ctx.status = 303;
  ctx.redirect(returnTo);
}
