// Which passwords may be set: NIST SP 800-63B-4 §3.1.1 (at least 15 characters where a password is
// the only factor, at least 64 allowed, no composition rules, contextual words refused).

import { CodedError } from '@countersign/vocabulary';
import type { DirectoryCode } from '../directory-error.ts';

export const SHORTEST_PASSWORD = 15;
export const LONGEST_PASSWORD = 256;
const FEWEST_DIFFERENT = 6;

/** The form in which a password is hashed: NFKC, so that every keyboard gives the same bytes. */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/** The normalised password. @throws CodedError `bad_password` saying what to do */
export function acceptPassword(password: unknown, contextWords: readonly string[]): string {
  if (typeof password !== 'string' || password.length > 4 * LONGEST_PASSWORD) {
    throw badPassword(`A password has at most ${LONGEST_PASSWORD} characters.`);
  }
  const normal = normalisePassword(password);
  const characters = Array.from(normal);
  if (characters.length < SHORTEST_PASSWORD) {
    throw badPassword(`Choose a password of at least ${SHORTEST_PASSWORD} characters.`);
  }
  if (characters.length > LONGEST_PASSWORD) {
    throw badPassword(`A password has at most ${LONGEST_PASSWORD} characters.`);
  }
  if (!normal.isWellFormed() || characters.some((character) => character === '\0')) {
    throw badPassword('The password holds characters that cannot be typed.');
  }
  if (new Set(characters).size < FEWEST_DIFFERENT) {
    throw badPassword('Choose a password with more different characters.');
  }
  refuseContext(normal.toLowerCase(), contextWords);
  return normal;
}

function refuseContext(lower: string, contextWords: readonly string[]): void {
  const known = contextWords.map((word) => word.toLowerCase()).filter((word) => word.length > 3);
  const left = known.reduce((rest, word) => rest.replaceAll(word, ''), lower);
  // What is left without the guessable words must be a fair part of a password by itself.
  if (left.length < SHORTEST_PASSWORD / 2) {
    throw badPassword('Choose a password that is not made of your username or organisation.');
  }
}

function badPassword(message: string): CodedError<DirectoryCode> {
  return new CodedError('bad_password', message);
}
