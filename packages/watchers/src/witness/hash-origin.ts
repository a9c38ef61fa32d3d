// The name of a log in the paths of a witness (C2SP tlog-witness).

import { createHash } from 'node:crypto';

/** Lower-case hex SHA-256 of the origin. */
export function hashOrigin(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}
