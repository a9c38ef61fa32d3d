// A machine that gets tokens by its secret, from wherever that secret is used.

import type { Place } from '../src/stage/visit-pages.ts';

export interface Machine {
  clientId: string;
  clientSecret: string;
  endpoint: string;
  audience: string;
}

/** @returns how long the token lives, or the error code */
export async function callAsMachine(
  { clientId, clientSecret, endpoint, audience }: Machine,
  { ip, userAgent }: Place,
): Promise<{ seconds: number } | { error: string }> {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
      'x-forwarded-for': ip,
      'user-agent': userAgent,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
  });
  const { expires_in: seconds, error = '' } = (await response.json()) as {
    expires_in?: number;
    error?: string;
  };
  return seconds === undefined ? { error } : { seconds };
}
