// A policy made ready: look-ups instead of lists, and the log keys imported. Made once a verifier.

import { parseVerifierKey } from '../note/verifier-key.ts';
import type { IssuerPolicy, VerifierPolicy } from '../policy/verifier-policy.ts';
import { openReceiptLog, type ReceiptLog } from '../receipt/verify-receipt.ts';

export interface IssuerRules {
  readonly policy: IssuerPolicy;
  readonly algorithms: ReadonlySet<string>;
  readonly startByKid: ReadonlyMap<string, number>;
  /** The logs whose receipts count; a promise until their keys are imported. */
  logs: readonly ReceiptLog[] | Promise<readonly ReceiptLog[]>;
}

export function prepareIssuers(policy: VerifierPolicy): Map<string, IssuerRules> {
  return new Map(policy.issuers.map((issuer) => [issuer.issuer, prepareIssuer(issuer)]));
}

function prepareIssuer(policy: IssuerPolicy): IssuerRules {
  const opening = Promise.all(
    policy.receipts.logs.map((log) => openReceiptLog(log.origin, parseVerifierKey(log.receiptKey))),
  );
  const rules: IssuerRules = {
    policy,
    algorithms: new Set(policy.algorithms),
    startByKid: new Map(Object.entries(policy.receipts.startByKid)),
    logs: opening,
  };
  // The promise stays in place when it fails: whoever awaits it is told, and no token passes.
  opening.then(
    (logs) => {
      rules.logs = logs;
    },
    () => undefined,
  );
  return rules;
}
