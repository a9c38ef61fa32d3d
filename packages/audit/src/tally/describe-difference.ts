// What is said when signatures, journal, ledger and custody of a key are not one to one: which numbers
// of the key, and what they lack (C-12). One finding for each set of numbers, however often it is seen.

import type { RealmId } from '@countersign/vocabulary';
import { describeNumbers } from '../classify/match-numbers.ts';
import type { FindingDraft } from '../reconcile/finding.ts';
import type { AuditRoom } from '../store/audit-room.ts';

export type Difference =
  | 'signature_without_token'
  | 'token_without_signature'
  | 'token_gone'
  | 'number_used_twice'
  | 'row_differs'
  | 'journal_left_out'
  | 'journal_forgot'
  | 'key_number_differs'
  | 'key_in_two_journals'
  | 'signature_outside_journal'
  | 'signature_not_made';

type Sentence = (numbers: string, one: boolean) => string;

const have = (one: boolean): string => (one ? 'has' : 'have');

const SENTENCES: Readonly<Record<Difference, Sentence>> = {
  signature_without_token: (numbers, one) => `signature ${numbers} ${have(one)} no token`,
  token_without_signature: (numbers) =>
    `the ledger has ${numbers}, which the journal does not know`,
  token_gone: (numbers, one) => `the ledger row of signature ${numbers} ${one ? 'is' : 'are'} gone`,
  row_differs: (numbers) =>
    `the ledger row of signature ${numbers} is not of what was signed and logged`,
  number_used_twice: (numbers) => `signature ${numbers} is there more than once`,
  journal_left_out: (numbers) => `the journal leaves out signature ${numbers}`,
  journal_forgot: (numbers) => `the journal no longer knows signature ${numbers}`,
  key_number_differs: (numbers) => `the ledger has another number for signature ${numbers}`,
  key_in_two_journals: (numbers) => `signature ${numbers} is in the journal of another signer`,
  signature_outside_journal: (numbers) =>
    `the custody made ${numbers} more than the journal numbers`,
  signature_not_made: (numbers) => `the custody made ${numbers} fewer than the journal numbers`,
};

/** Numbers are named up to here in a key of a finding; its event names more. */
const LONGEST_KEY = 120;

export interface DifferenceFacts {
  kid: string;
  difference: Difference;
  /** Of the key; for custody, how many. */
  numbers: readonly number[] | { count: number };
  /** Tells apart what has the same numbers. */
  apart?: string;
  issuer?: string | null | undefined;
  realm?: string | null | undefined;
  /** Of several signers, which. */
  signer?: string | undefined;
  extra?: Record<string, number>;
}

export function describeDifference(room: AuditRoom, facts: DifferenceFacts): FindingDraft {
  const { kid, difference, numbers, apart = '', issuer, realm, signer, extra } = facts;
  const named = Array.isArray(numbers) ? (numbers as readonly number[]) : undefined;
  const count = named?.length ?? (numbers as { count: number }).count;
  const text = named === undefined ? `${count}` : describeNumbers(named);
  return {
    verdict: {
      class: 'tally',
      reason: difference,
      severity: 'critical',
      proven: true,
      message: `Key ${kid}: ${SENTENCES[difference](text, count === 1)}.`,
    },
    subjectKey: `tally:${kid}:${difference}:${apart}${text.slice(0, LONGEST_KEY)}`,
    count,
    happenedMs: room.clock.nowMs(),
    token: {
      kind: 'other',
      kid,
      ...(typeof issuer === 'string' ? { issuer } : {}),
      ...(signer === undefined ? {} : { signer }),
    },
    ...(typeof realm === 'string' ? { realm: realm as RealmId } : {}),
    extra: { ...extra, count, ...(named === undefined ? {} : { numbers: text }) },
  };
}

/** At most `most` numbers of ranges that a broken journal can make as long as it likes. */
export function expandRanges(
  ranges: readonly { first: number; last: number }[],
  most = 1000,
): number[] {
  const numbers: number[] = [];
  for (const { first, last } of ranges) {
    for (let number = first; number <= last && numbers.length < most; number += 1) {
      numbers.push(number);
    }
  }
  return numbers;
}
