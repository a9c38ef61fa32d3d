// The custodies of one signer, by kind. Software is always there; the others when it was started
// with them.

import type { KeyObject } from 'node:crypto';
import { custodyRefusal } from '../keys-error.ts';
import type { Custody, CustodyKind } from './custody.ts';
import { softwareCustody } from './software-custody.ts';

/** The signer's folder, and the key that seals it: for what a custody notes there. */
export interface CustodyHome {
  folder: string;
  sealingKey: KeyObject;
}

/** @throws CodedError with a `CustodyRefusal` code */
export type OpenCustodies = (home: CustodyHome) => Promise<Custodies>;

export class Custodies {
  readonly #byKind: ReadonlyMap<CustodyKind, Custody>;
  /** Where a key is made when nobody says where. */
  readonly defaultKind: CustodyKind;

  /** @throws CodedError `custody_not_set_up` when the default is none of them */
  constructor(others: readonly Custody[] = [], defaultKind: CustodyKind = 'software') {
    this.#byKind = new Map([softwareCustody, ...others].map((one) => [one.kind, one]));
    this.defaultKind = this.of(defaultKind).kind;
  }

  /** @throws CodedError `custody_not_set_up` */
  of(kind: CustodyKind): Custody {
    const custody = this.#byKind.get(kind);
    if (custody !== undefined) return custody;
    throw custodyRefusal(
      'custody_not_set_up',
      `This signer has no ${kind} custody, and was asked for one or has keys in it. Set up custody.${kind === 'pkcs11' ? 'pkcs11' : 'awsKms'} in countersign.yaml and start again.`,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byKind.values()].map((custody) => custody.close()));
  }
}
