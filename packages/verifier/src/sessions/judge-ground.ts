// Whether what was made out of an accepted token may live on (control C-14): every check that needs
// the world and not the token's text, by the very steps that judge tokens. Fails closed.

import { type RefusalCode, VerificationError } from '../refusal.ts';
import { checkIssueTime, checkKeyScope, checkKeyTime, findKey } from '../token/check-key.ts';
import { checkKeyLogged } from '../token/check-key-log.ts';
import { predatesReceipts } from '../token/check-receipt.ts';
import {
  checkAudit,
  checkFeedFresh,
  checkQuarantine,
  checkRevocation,
} from '../token/check-status.ts';
import { checkTimes } from '../token/check-times.ts';
import { checkAlgorithm, findIssuer } from '../token/find-issuer.ts';
import {
  type Judgement,
  known,
  type Outcome,
  openJudgement,
  type Step,
  type VerifierRules,
} from '../token/judgement.ts';
import { lookOnceMore } from '../token/look-once-more.ts';
import { asRefusal, runSteps } from '../token/run-steps.ts';
import { isSessionGround, type SessionGround } from './session-ground.ts';

export interface StandingOptions {
  /** True for sessions that may outlive their token's own `exp`. Default false. */
  outliveToken?: boolean;
}

export type Standing =
  | { readonly stands: true }
  | {
      readonly stands: false;
      readonly code: RefusalCode;
      /** One sentence for the log of the resource server. */
      readonly message: string;
      /** False when only this verifier cannot judge now: refuse, but the session may stand again. */
      readonly final: boolean;
    };

const STANDS: Standing = Object.freeze({ stands: true });
const EMPTY = new Uint8Array();

function step(name: string, run: Step['run']): Step {
  return { name, run, again: true, establishes: '' };
}

const GROUND_STEPS: readonly Step[] = [
  step('issuer', findIssuer),
  step('algorithm', checkAlgorithm),
  step('feed', checkFeedFresh),
  step('quarantine', checkQuarantine),
  step('key', findKey),
  step('key scope', checkKeyScope),
  step('key time', checkKeyTime),
  step('key log', checkKeyLogged),
  step('receipt', checkLogged),
  step('issue time', checkIssueTime),
  step('audit', checkAudit),
  step('revocation', checkRevocation),
];
const TIMES = step('times', checkTimes);
const STEPS_WITH_TOKEN: readonly Step[] = [...GROUND_STEPS, TIMES];

/** Synchronous while keys and feed are at hand. Never throws. */
export function judgeGround(
  ground: SessionGround,
  { outliveToken = false }: StandingOptions,
  nowMs: number,
  rules: VerifierRules,
): Standing | Promise<Standing> {
  if (!isSessionGround(ground)) return fallen(malformed());
  const steps = outliveToken ? GROUND_STEPS : STEPS_WITH_TOKEN;
  try {
    const judgement = openGround(ground, nowMs);
    const pending = runSteps(steps, judgement, rules);
    if (pending === undefined) return conclude(judgement, ground);
    return pending
      .then(() => lookOnceMore(judgement, rules))
      .then(() => conclude(judgement, ground))
      .catch((error: unknown) => fallen(asRefusal(error)));
  } catch (error) {
    return fallen(asRefusal(error));
  }
}

export function fallen({ code, message, status }: VerificationError): Standing {
  return { stands: false, code, message, final: status !== 503 };
}

/** The state that the steps find a token in whose signature and claims were judged. */
function openGround(ground: SessionGround, nowMs: number): Judgement {
  const { issuer: iss, kid, alg, typ, tokenHash, logOrigin, logIndex } = ground;
  const { issuedAtSeconds: iat, expiresAtSeconds: exp } = ground;
  const judgement = openJudgement('', tokenHash, { audience: '' }, nowMs);
  judgement.header = { alg, kid, typ };
  judgement.payload = { iss, iat, exp };
  judgement.claims = { iss, iat, exp, sub: '', aud: '', jti: '' };
  judgement.signed = true;
  if (logOrigin !== undefined && logIndex !== undefined) {
    const issuedMs = iat * 1000;
    judgement.receipt = { origin: logOrigin, index: logIndex, issuedMs, leafHash: EMPTY };
  }
  return judgement;
}

/** A policy that was pinned anew may ask for more than the one under which the session began. */
function checkLogged(judgement: Judgement): Outcome {
  const { receipts } = known(judgement.issuer).policy;
  if (receipts.mode !== 'required') return 'The policy demands no receipts of this issuer.';
  if (judgement.receipt === undefined) {
    if (predatesReceipts(judgement)) return 'The key signed this before its receipts began.';
    throw new VerificationError('receipt_missing', 'No log vouches for the token of the session.');
  }
  const { origin } = judgement.receipt;
  if (receipts.logs.some((log) => log.origin === origin)) return undefined;
  throw new VerificationError(
    'receipt_key_unknown',
    'The policy does not name the log that vouched for the token of the session.',
  );
}

function conclude({ key }: Judgement, { keyThumbprint }: SessionGround): Standing {
  const thumbprint = known(key).thumbprint;
  if (keyThumbprint === undefined || keyThumbprint === thumbprint) return STANDS;
  return fallen(
    new VerificationError(
      'key_withdrawn',
      'The issuer shows another key under the kid that signed the token of the session.',
    ),
  );
}

function malformed(): VerificationError {
  return new VerificationError('token_malformed', 'The session has no ground that can be read.');
}
