// A policy made ready: look-ups instead of lists, and the log keys imported. Made once a verifier.

import { parseVerifierKey } from '../note/verifier-key.ts';
import type { IssuerPolicy, VerifierPolicy } from '../policy/verifier-policy.ts';
import type { IssuerKey } from '../ports.ts';
import { openReceiptLog, type ReceiptLog } from '../receipt/verify-receipt.ts';

export interface IssuerRules {
  readonly policy: IssuerPolicy;
  readonly algorithms: ReadonlySet<string>;
  readonly startByKid: ReadonlyMap<string, number>;
  readonly strictAudiences: ReadonlySet<string>;
  /** The logs whose receipts count; a promise until their keys are imported. */
  logs: readonly ReceiptLog[] | Promise<readonly ReceiptLog[]>;
  /** What a log says of each key, asked once per key object. */
  readonly standings: WeakMap<IssuerKey, KeyStanding>;
}

/** What became of the check that a key's publication is in a log. */
export type KeyStanding =
  | {
      readonly logged: true;
      readonly origin: string;
      readonly index: number;
      readonly leafHash: Uint8Array;
      /** When the log saw the key published: its age by a clock that its issuer does not set. */
      readonly publishedMs: number;
      /** The leaf hash in hex: the name of this key in the deferred audit. */
      readonly auditName: string;
      /** True once the deferred audit has it. */
      queued: boolean;
      /** True once it was found in a checkpoint that counts; only strict audiences wait to know. */
      included: boolean;
    }
  | {
      readonly logged: false;
      /** One safe sentence. */
      readonly reason: string;
    };

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
    strictAudiences: new Set(policy.receipts.strictAudiences),
    logs: opening,
    standings: new WeakMap(),
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
