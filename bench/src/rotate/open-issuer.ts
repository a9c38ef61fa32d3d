// An issuer whose keys are rotated under load: a real server with a short timetable, and a machine
// client of acme's workforce.

import { operatorOf } from '../../../scenarios/src/stage/operator.ts';
import { pinPolicy, reporterFor } from '../../../scenarios/src/stage/our-verifier.ts';
import { startServer } from '../../../scenarios/src/stage/start-server.ts';
import type { JudgeSetup } from './judge-messages.ts';
import type { RotationPlan } from './run-rotations.ts';

export interface RotatingIssuer {
  setup: JudgeSetup;
  endpoint: RotationPlan['endpoint'];
  /** Has the standby sign now; waits while the server says that it is too fresh. */
  rotate(options?: { force: boolean }): Promise<void>;
  stop(): Promise<void>;
}

interface Key {
  kid: string;
  alg: string;
  state: string;
}

const AUDIENCE = 'https://api.acme.example';
const LOOK_MS = 100;
const LONGEST_WAIT_MS = 60_000;

/** @param schedule as COUNTERSIGN_KEY_SCHEDULE takes it */
export async function openRotatingIssuer(schedule: string): Promise<RotatingIssuer> {
  const server = await startServer(undefined, { COUNTERSIGN_KEY_SCHEDULE: schedule });
  try {
    const operator = operatorOf(server);
    const issuer = `${server.url}/acme/workforce`;
    await operator.post('/api/v1/resources', {
      ...{ tenant: 'acme', identifier: AUDIENCE, name: 'Rotation', scopes: [] },
    });
    const client = await operator.post<{ clientId: string; clientSecret: string }>(
      '/api/v1/clients',
      {
        realm: 'acme/workforce',
        client_name: 'Rotation',
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_basic',
        resources: [AUDIENCE],
      },
    );
    const policy = await pinPolicy(server, issuer);
    const reporterCredential = await reporterFor(operator, 'acme', 'rotation');
    const kidOf = async (wanted: string): Promise<string> => {
      const query = `issuer=${encodeURIComponent(issuer)}`;
      const { keys } = await operator.get<{ keys: Key[] }>(`/api/v1/keys?${query}`);
      return keys.find(({ alg, state }) => alg === 'ES256' && state === wanted)?.kid ?? '';
    };
    let first = '';
    await patiently(async () => {
      first = await getToken(`${issuer}/token`, client);
    });
    await patiently(async () => {
      if ((await kidOf('published')) === '') throw new Error('standby_too_fresh: none yet');
    });
    return {
      setup: { issuer, audience: AUDIENCE, policy, first, reporterCredential },
      endpoint: { url: `${issuer}/token`, ...client, audience: AUDIENCE },
      rotate: ({ force } = { force: false }) =>
        patiently(() => operator.post('/api/v1/keys/rotate', { issuer, alg: 'ES256', force })),
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The first token makes the keys of the realm. */
async function getToken(
  url: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<string> {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return (JSON.parse(text) as { access_token: string }).access_token;
}

/** Tries again for as long as only time is missing. */
async function patiently(act: () => Promise<unknown>, withinMs = LONGEST_WAIT_MS): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      const passing =
        error instanceof Error && /standby_too_fresh|keys_busy| 503/.test(error.message);
      if (!passing || performance.now() > deadlineMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
