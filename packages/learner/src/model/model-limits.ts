// How large a model may be. What is past these is refused before anything is made of it.

export const MODEL_SCHEMA = 'countersign-model/1';

export const MODEL_LIMITS = {
  bytes: 16 << 20,
  parts: 32,
  nameLength: 128,
  /** Values and letters of the training summary. */
  summarySize: 64 << 10,
  /** Values and letters of a JSON part. */
  jsonSize: 1 << 20,
  /** Lists and objects inside of each other. */
  jsonDepth: 32,
} as const;

export const MODEL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const PART_NAME = /^[a-z][a-z0-9-]{0,63}$/;
