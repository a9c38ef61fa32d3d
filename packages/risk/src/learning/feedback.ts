// What somebody says an act was, and what follows. Five words that mean different things: an analyst
// confirms a compromise, confirms that it was safe, or dismisses it; a person says it was, or was not, me.

export type FeedbackVerb =
  | 'confirm_compromised'
  | 'confirm_safe'
  | 'dismiss'
  | 'was_me'
  | 'was_not_me';

export const FEEDBACK_VERBS: readonly FeedbackVerb[] = [
  ...(['confirm_compromised', 'confirm_safe', 'dismiss', 'was_me', 'was_not_me'] as const),
];

export interface FeedbackFacts {
  verb: FeedbackVerb;
  by: 'analyst' | 'person';
  /** It is said from the session the act began, or from one that was begun out of that. */
  fromSameSession: boolean;
  /** Whoever says it proved a factor that was enrolled before the act. */
  withOldFactor: boolean;
}

export interface FeedbackEffect {
  /** False: put on record, and nothing follows. */
  believed: boolean;
  /** Why it is not. */
  why?: 'from_the_session_in_question' | 'not_theirs_to_say' | 'without_an_old_factor';
  /** What becomes of the aggregated risk of the person; the score of the act itself never changes. */
  standing: 'high' | 'clear' | 'keep';
  /** For training and for measuring: 1 an attack, 0 none. A dismissed one was odd, and no attack. */
  label?: 0 | 1;
  /** The values of the act become familiar to the profile of this person, and of nobody else. */
  teaches: boolean;
  /** The profile goes back to how it was before the act. */
  rollsBack: boolean;
  endsSessions: boolean;
}

const NOTHING = {
  standing: 'keep',
  teaches: false,
  rollsBack: false,
  endsSessions: false,
} as const;
const UNHEARD = { ...NOTHING, believed: false } as const;

export function effectOf(facts: FeedbackFacts): FeedbackEffect {
  const { verb, by } = facts;
  const ofPerson = verb === 'was_me' || verb === 'was_not_me';
  if (ofPerson !== (by === 'person')) return { ...UNHEARD, why: 'not_theirs_to_say' };
  switch (verb) {
    // Believed from anywhere: whoever is not the owner has no use for ending the sessions.
    case 'was_not_me':
    case 'confirm_compromised':
      return {
        ...{ believed: true, standing: 'high', label: 1 },
        ...{ teaches: false, rollsBack: true, endsSessions: true },
      };
    case 'confirm_safe':
      return { ...NOTHING, believed: true, standing: 'clear', label: 0, teaches: true };
    case 'dismiss':
      return { ...NOTHING, believed: true, standing: 'clear', label: 0 };
    case 'was_me':
      // The thief would say so too.
      if (facts.fromSameSession) return { ...UNHEARD, why: 'from_the_session_in_question' };
      if (!facts.withOldFactor) return { ...UNHEARD, why: 'without_an_old_factor' };
      return { ...NOTHING, believed: true, standing: 'clear', label: 0, teaches: true };
  }
}
