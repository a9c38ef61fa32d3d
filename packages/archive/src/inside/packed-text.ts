// The text of an event in a sealed file has a hole wherever a column beside it holds the same random
// bytes: they cannot be compressed, and would else be stored twice. Stored text is canonical JSON, which
// has no control characters, so that the marks are unmistakable; holes are filled in reverse order.

const HOLES = [
  ['uid', 1],
  ['token', 2],
  ['token_hash', 3],
] as const;
const ABSENT = 'chr(0)';

/** SQL that makes the holes. */
export const PACKED_TEXT = HOLES.reduce(
  (text, [column, mark]) => `replace(${text}, coalesce(${column}, ${ABSENT}), chr(${mark}))`,
  'ocsf',
);

/** SQL that fills them. */
export const UNPACKED_TEXT = [...HOLES]
  .reverse()
  .reduce(
    (text, [column, mark]) => `replace(${text}, chr(${mark}), coalesce(${column}, ''))`,
    'ocsf',
  );
