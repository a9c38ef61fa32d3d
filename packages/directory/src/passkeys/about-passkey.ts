// What an event says about a passkey. Not its name: people name things after themselves, and an event
// stays longer than they may want.

import type { PasskeyRow } from '../tables.ts';

type Operation = 'factor_enrolled' | 'factor_changed' | 'factor_stopped' | 'factor_removed';

export function aboutPasskey(row: PasskeyRow, operation: Operation) {
  const item = { kind: 'passkey', id: row.id };
  return {
    name: 'account.changed' as const,
    realm: row.realm,
    subject: row.person_id,
    item,
    operation,
  };
}
