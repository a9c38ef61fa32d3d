// A realm as it is typed: `acme/workforce`.

import {
  isCodedError,
  POPULATIONS,
  parseRealmId,
  type RealmId,
  realmId,
} from '@countersign/vocabulary';
import { cliError } from '../cli-error.ts';

/** @throws CodedError `wrong_use` */
export function realmFrom(typed: string): RealmId {
  try {
    return realmId(parseRealmId(typed));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw cliError(
      'wrong_use',
      `"${typed}" is no realm: give TENANT/POPULATION, such as acme/workforce. Populations are ${POPULATIONS.join(', ')}.`,
      error,
    );
  }
}
