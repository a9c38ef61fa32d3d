// A key that may not speak any more is a trip-wire (control C-13): whoever signs with it all the same
// has stolen it. A refusal for the state of the key is looked into once more, so that the report says
// whether the key was really used, and without its log. The verdict stays what it was: refused.

import type { IssuerKey } from '../ports.ts';
import { type RefusalCode, TRIP_WIRE_CODES, VerificationError } from '../refusal.ts';
import { isPromise } from './check-key.ts';
import { checkReceipt } from './check-receipt.ts';
import { checkSignature } from './check-signature.ts';
import type { Judgement, Step, VerifierRules } from './judgement.ts';
import { runSteps } from './run-steps.ts';

const ALARMS: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'receipt_missing',
  'receipt_malformed',
  'receipt_key_unknown',
  'receipt_invalid',
]);

function step(name: string, run: Step['run']): Step {
  return { name, run, again: false, establishes: '' };
}

const EXAMINATION = [step('signature', checkSignature), step('receipt', checkReceipt)];

/**
 * The same refusal; with `alarm` when the key really signed the token and no log vouches for it. Adds
 * to the judgement what it found. A genuine token that is merely late has its receipt: no alarm.
 */
export function examineRefused(
  judgement: Judgement,
  refusal: VerificationError,
  rules: VerifierRules,
): VerificationError | Promise<VerificationError> {
  // What a log vouches for is genuine.
  if (!TRIP_WIRE_CODES.has(refusal.code) || judgement.receipt !== undefined) return refusal;
  const examine = (key: IssuerKey | undefined) => {
    if (key === undefined || key.alg !== judgement.header?.alg) return refusal;
    judgement.key = key;
    const examined = runSteps(EXAMINATION, judgement, rules);
    return examined === undefined
      ? conclude(judgement, refusal)
      : examined.then(() => conclude(judgement, refusal));
  };
  const given = (error: unknown) => concludeFailed(error, refusal);
  try {
    const key = findKeyOf(judgement, rules);
    if (isPromise(key)) return Promise.resolve(key).then(examine).catch(given);
    const examined = examine(key);
    return isPromise(examined) ? examined.catch(given) : examined;
  } catch (error) {
    return given(error);
  }
}

/** The key as published now, or as it was when it was withdrawn. */
function findKeyOf(
  judgement: Judgement,
  { keys }: VerifierRules,
): IssuerKey | undefined | Promise<IssuerKey | undefined> {
  const issuer = judgement.issuer?.policy.issuer;
  const kid = judgement.header?.kid;
  if (judgement.key !== undefined || issuer === undefined || kid === undefined)
    return judgement.key;
  const withdrawn = (found: IssuerKey | undefined) => found ?? keys.withdrawn?.(issuer, kid);
  const found = keys.key(issuer, kid);
  return isPromise(found) ? Promise.resolve(found).then(withdrawn) : withdrawn(found);
}

/** In `report` mode the receipt is looked at too, and its fault is a fault. */
function conclude(judgement: Judgement, refusal: VerificationError): VerificationError {
  const problem = judgement.receiptProblem;
  return problem !== undefined && ALARMS.has(problem) ? alarming(refusal) : refusal;
}

/** Whatever else fails (a stranger's signature, keys that are away) changes nothing. */
function concludeFailed(error: unknown, refusal: VerificationError): VerificationError {
  const alarms = error instanceof VerificationError && ALARMS.has(error.code);
  return alarms ? alarming(refusal) : refusal;
}

function alarming({ code, message }: VerificationError): VerificationError {
  return new VerificationError(
    code,
    `${message} It signed this token all the same, and no log vouches for that: the key is in other hands.`,
    { alarm: true },
  );
}
