// What the account page shows of a person's sign-ins, and what the person says of them. Kept and judged
// elsewhere; this room shows it and hands the answer on.

import type { RealmId } from '@countersign/vocabulary';

export interface RecentSignIn {
  /** Id of its assessment. */
  assessment: string;
  /** Milliseconds since the Unix epoch. */
  timeMs: number;
  /** The application, as people know it. */
  app?: string;
  /** Short words: "Chrome on Windows · Latvia". */
  from?: string;
  outcome: 'signed_in' | 'refused';
  answered?: 'me' | 'not_me';
}

export interface SignInAnswer {
  realm: RealmId;
  personId: string;
  assessment: string;
  mine: boolean;
  /** The session that says so: it may be the very one that is asked about. */
  sessionId: string;
  /** Id of the assessment which that session began with; absent when nobody judged it. */
  signIn?: string;
  /** Of a session with a passkey: when the newest of the person's was made. Whichever was used is as old at least. */
  passkeysSinceMs?: number;
}

export interface RecentSignIns {
  /** The newest first; at most ten are shown. */
  list(realm: RealmId, personId: string): Promise<readonly RecentSignIn[]>;
  /** Only for an assessment of this person; any other is ignored. */
  answer(said: SignInAnswer): Promise<void>;
}
