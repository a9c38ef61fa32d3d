// How long risk stays with a subject, and where its levels begin and end.

export interface StandingSettings {
  /** Evidence counts half after this. Default 7 days. */
  halfLifeMs: number;
  /** Evidence is forgotten after this, however odd it was. Default 180 days. */
  endsAfterMs: number;
  /** Level is medium from here. Default 50. */
  mediumFrom: number;
  /** Level is high from here. Default 75. */
  highFrom: number;
  /** A level is left only this far below where it begins, so that it does not flicker. Default 10. */
  hold: number;
}

const DAY_MS = 86_400_000;

export const DEFAULT_STANDING_SETTINGS: StandingSettings = {
  halfLifeMs: 7 * DAY_MS,
  endsAfterMs: 180 * DAY_MS,
  mediumFrom: 50,
  highFrom: 75,
  hold: 10,
};
