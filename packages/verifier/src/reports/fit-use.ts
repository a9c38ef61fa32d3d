// A report within what its receiver takes. Much of it is in the hands of whoever shows the token
// (user agent) or signed it (subject): a forger must not silence the alarm with a long name.

import type { TokenUse } from '../ports.ts';

const LONGEST: Partial<Record<keyof TokenUse, number>> = {
  code: 64,
  issuer: 512,
  kid: 256,
  logOrigin: 255,
  clientId: 256,
  subject: 256,
  jkt: 64,
  ip: 64,
  userAgent: 1_024,
};
const LONGEST_AUDIENCE = 512;
const MOST_AUDIENCES = 16;
const LONGEST_EVIDENCE = 16_384;

/** Cuts texts that are too long, leaves out empty ones and evidence that is too long to send. */
export function fitUse(use: TokenUse): TokenUse {
  const fitted = Object.entries(use)
    .map(([name, value]) => [name, fitValue(name as keyof TokenUse, value)])
    .filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(fitted) as TokenUse;
}

/** Only what names the token, for a receiver that takes no more. */
export function bareUse<Use extends TokenUse>(
  use: Use & { id: string },
): TokenUse & { id: string } {
  const { id, atMs, decision, code, tokenHash, evidence } = use;
  return {
    id,
    atMs,
    decision,
    tokenHash,
    ...(code === undefined ? {} : { code }),
    ...(evidence === undefined ? {} : { evidence }),
  };
}

function fitValue(name: keyof TokenUse, value: unknown): unknown {
  if (name === 'audience' && Array.isArray(value)) {
    const texts = value.filter((entry) => typeof entry === 'string' && entry !== '');
    return texts.slice(0, MOST_AUDIENCES).map((entry: string) => cut(entry, LONGEST_AUDIENCE));
  }
  if (typeof value !== 'string') return value;
  // Half a token proves nothing.
  if (name === 'evidence') return value.length > LONGEST_EVIDENCE ? undefined : value;
  return cut(value, LONGEST[name] ?? value.length);
}

function cut(text: string, longest: number): string {
  // A pair of surrogates that is cut in two would be no text any more.
  return text.slice(0, longest).toWellFormed();
}
