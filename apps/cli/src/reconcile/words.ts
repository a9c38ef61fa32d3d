// What the codes of matching say to a person.

import type { FindingClass, Undecided, Unjoinable } from '@countersign/matching';

export const CLASS_WORDS: Readonly<Record<FindingClass, string>> = {
  never_issued: 'NEVER ISSUED',
  after_revocation: 'USED AFTER REVOCATION',
  other_client: 'ANOTHER CLIENT',
  other_network: 'ANOTHER NETWORK',
  other_person: 'ANOTHER PERSON',
  outside_lifetime: 'OUTSIDE ITS LIFETIME',
  reused_id: 'REUSED ID',
};

export const WHY_WORDS: Readonly<Record<Undecided | Unjoinable, string>> = {
  no_linkable_id: 'name neither token nor session',
  id_not_in_issuer_log: 'name an id of a kind that the issuer’s log does not have',
  lasting_key: 'are of a key that is made once and used for years: no log reaches back to that',
  no_issuer_log: 'have no issuer’s log to be held against',
  other_issuer: 'are of another issuer than the log',
  other_tenant: 'are of a tenant that the issuer’s log does not have',
  before_log: 'may be of tokens from before the issuer’s log begins',
  after_log: 'are later than the issuer’s log is complete',
  in_gap: 'fall into a gap of the issuer’s log',
  stream_missing: 'need another log of the issuer',
  made_inside: 'were made by the service itself for somebody: such credentials are in no log',
  issued_without_id: 'may be of a sign-in that was logged without an id',
};
