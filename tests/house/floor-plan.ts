// Who may import whom (DESIGN §3): the floors of the house from the ground up, and the narrow
// doors. `tests/house.test.ts` holds every file to this plan.

/** Rooms by floor, lowest first. A room imports lower floors only; never its own floor, never up. */
export const FLOORS: readonly (readonly string[])[] = [
  ['vocabulary', 'verifier'],
  // Ground too, and allowed the vocabulary: see docs/decisions/0002-two-more-ground-rooms.md.
  // The learner knows rows of numbers and nothing of sign-ins: docs/decisions/0030-four-rooms-for-risk.md.
  ['storage', 'pipe', 'learner'],
  // Engines judge bytes they are given and remember nothing.
  ['keyscan', 'trail', 'search', 'sources', 'matching', 'context', 'risk'],
  // Puts an engine on trial, with worlds made up for it.
  ['trials'],
  // Watchers of logs stand apart from the log's writer: docs/decisions/0012-watchers-room.md.
  // What was sealed stands apart from what is judged: docs/decisions/0024-the-archive.md.
  ['directory', 'keys', 'transparency', 'audit', 'archive', 'watchers', 'memory'],
  ['provider', 'connectors'],
  ['server', 'signer', 'notary', 'archivist', 'watchdog', 'cli'],
];

/** Doors that see less than their floor would allow. */
export const NARROW_DOORS: Readonly<Record<string, readonly string[]>> = {
  signer: ['keys', 'vocabulary', 'verifier', 'pipe'],
  notary: ['transparency', 'vocabulary', 'verifier', 'pipe'],
  watchdog: ['watchers', 'vocabulary', 'verifier'],
  archivist: ['archive', 'vocabulary', 'verifier', 'pipe'],
  cli: [
    ...['vocabulary', 'verifier', 'watchers'],
    ...['keyscan', 'trail', 'search', 'sources', 'matching'],
    ...['learner', 'context', 'risk', 'trials'],
  ],
  keyscan: ['vocabulary', 'verifier'],
};

/** Outside the house, like the tests: may enter any room, by its front door. */
export const OUTSIDE: readonly string[] = ['scenarios', 'bench', 'tests', 'tools'];

export const LIMITS = { sourceLines: 300, testLines: 500 } as const;

export const BANNED_WORDS =
  /(^|[-/])(utils?|helpers?|common|shared|misc|core|base|manager|service)([-./]|$)/;

export function floorOf(room: string): number {
  return FLOORS.findIndex((floor) => floor.includes(room));
}
