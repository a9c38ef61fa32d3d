// What the examples of the catalogue have in common: one realm, one token, one person, one moment.

import type { CountersignEvent, TokenFacts } from '@countersign/vocabulary';

export interface CatalogueEntry {
  when: string;
  /** Members of the event that are filled beyond name, time and realm. */
  facts: string;
  example: CountersignEvent;
}

export const realm = 'acme/workforce' as const;
export const timeMs = 1_795_289_400_000;
export const hash = (digit: string): string => digit.repeat(64);

export const access: TokenFacts = {
  kind: 'access',
  tokenHash: hash('a'),
  jtiHash: hash('b'),
  issuer: 'https://id.example/acme/workforce',
  audience: ['https://mail.acme.example'],
  subject: 'p-7f3k',
  kid: 'es256-2026-11',
  alg: 'ES256',
  typ: 'at+jwt',
  issuedAtSeconds: 1_795_289_400,
  expiresAtSeconds: 1_795_290_000,
  confirmationThumbprint: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
  rootAuthId: 'u6Q0mC2gXlqDqkVnLhnBmA',
  leafHash: hash('9'),
  logIndex: 41_207,
  journalNumber: 40_998,
  scope: 'mail.read',
};

export const request = { ip: '192.0.2.7', userAgent: 'Mozilla/5.0' };
export const verifier = { name: 'mail-api', version: '0.1.0' };
export const person = { clientId: 'mail-web', subject: 'p-7f3k', sessionId: 's-51c' };
export const cause = '01a0c4de-8f5e-7a21-9b1c-5f1d2c3b4a59';
