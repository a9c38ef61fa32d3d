// Tokens and their ids appear in records only as this.

import { hash } from 'node:crypto';

/** Lower-case hex SHA-256 of the text's UTF-8 bytes. */
export function hexSha256(text: string): string {
  return hash('sha256', text, 'hex');
}
