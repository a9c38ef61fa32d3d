// The server needs the Node that comes with `npm ci`. A system Node would run parts of it and fail
// in others (an older one does not confine children), so it does not start at all.

import { CodedError } from '@countersign/vocabulary';

const NEEDED_MAJOR = 26;

/** @throws CodedError `node_too_old` */
export function checkNode(version: string): void {
  if (Number(version.split('.')[0]) >= NEEDED_MAJOR) return;
  throw new CodedError(
    'node_too_old',
    `This is Node ${version}; Countersign needs ${NEEDED_MAJOR}. Start it with "npm start", which uses the one that "npm ci" installed; after "npm ci --ignore-scripts" there is none.`,
  );
}
