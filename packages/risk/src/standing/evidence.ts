// One thing that speaks against a subject: an odd act, or what people said about it.

export interface Evidence {
  /** Hash of the assessment's id; 0 where several were put together that nobody confirmed. */
  id: number;
  timeMs: number;
  /** 0 to 100. */
  score: number;
  /** Confirmed by people: counts 100 and does not decay. */
  compromised: boolean;
}

/** Pieces of evidence that are kept apart; of more, the two weakest are put together. */
export const MAX_EVIDENCE = 16;
