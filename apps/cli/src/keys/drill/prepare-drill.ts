// What a drill needs, made through the API like anybody's: a throwaway tenant, a resource, a machine
// client and a reporter. Only a tenant named for drills is ever touched: its keys are there to be killed.

import { setTimeout as sleep } from 'node:timers/promises';
import { parsePolicy, type VerifierPolicy } from '@countersign/verifier';
import { cliError } from '../../cli-error.ts';
import { isObject, textIn } from '../../http/read-member.ts';
import { type Asking, fetchKeys } from '../ask-server.ts';
import { openTokenEndpoint, type TokenEndpoint } from './request-token.ts';

export interface DrillGround {
  issuer: string;
  audience: string;
  policy: VerifierPolicy;
  tokens: TokenEndpoint;
  reporter: { id: string; credential: string };
}

export const DRILL_AUDIENCE = 'https://drill.example';
const DRILL_REALM = /^(drill(?:-[a-z0-9-]{1,40})?)\/(workforce|partner|customer|device)$/;
const EXISTS = 409;
const STANDBY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 250;

/** @throws CodedError `wrong_use` for a realm that is not for drills; of the server's */
export async function prepareDrill(asking: Asking, realm: string): Promise<DrillGround> {
  const [, tenant] = DRILL_REALM.exec(realm) ?? [];
  if (tenant === undefined) {
    throw cliError(
      'wrong_use',
      `"${realm}" is no realm for drills: the tenant must be named drill or drill-SOMETHING, because its key is revoked.`,
    );
  }
  await asking.ask('/tenants', { body: { tenant }, alsoStatus: [EXISTS] });
  const resource = { tenant, identifier: DRILL_AUDIENCE, name: 'Drill', scopes: ['drill'] };
  await asking.ask('/resources', { body: resource, alsoStatus: [EXISTS] });
  const client = await asking.ask('/clients', {
    body: {
      realm,
      client_name: 'Drill',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
      resources: [DRILL_AUDIENCE],
    },
  });
  const reporter = await asking.ask('/reporters', { body: { tenant, name: 'Drill' } });
  const issuer = `${asking.server.origin}/${realm}`;
  const tokens = openTokenEndpoint(`${issuer}/token`, {
    clientId: member(client.body, 'clientId'),
    clientSecret: member(client.body, 'clientSecret'),
    audience: DRILL_AUDIENCE,
  });
  // The first token makes the keys of a realm that never issued one; the policy is pinned after it.
  const { kid } = await tokens.request();
  await untilStandby(asking, issuer, kid);
  const { body } = await asking.ask(`/verifier-policy?issuer=${encodeURIComponent(issuer)}`);
  return {
    issuer,
    audience: DRILL_AUDIENCE,
    policy: parsePolicy(JSON.stringify(body)),
    tokens,
    reporter: { id: reporterId(reporter.body), credential: member(reporter.body, 'credential') },
  };
}

/** A key is killed when another is shown, as it is nearly always: else the drill tests something else. */
async function untilStandby(asking: Asking, issuer: string, kid: string): Promise<void> {
  const deadlineMs = performance.now() + STANDBY_WITHIN_MS;
  for (;;) {
    const { keys } = await fetchKeys(asking, { issuer });
    const alg = keys.find((key) => key['kid'] === kid)?.['alg'];
    if (keys.some((key) => key['state'] === 'published' && key['alg'] === alg)) return;
    if (performance.now() > deadlineMs) {
      const seconds = STANDBY_WITHIN_MS / 1000;
      throw cliError(
        'scenario_failed',
        `${issuer} has shown no standby for ${seconds} s: does the rotator run? No drill was held.`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function member(body: unknown, name: string): string {
  const value = isObject(body) ? textIn(body, name) : '-';
  if (value !== '-') return value;
  throw cliError('answer_malformed', `The server's answer has no ${name}.`);
}

/** Its credential is taken back after the drill; a server that does not name it keeps it. */
function reporterId(body: unknown): string {
  const nested = isObject(body) && isObject(body['reporter']) ? body['reporter'] : body;
  return isObject(nested) ? textIn(nested, 'id') : '-';
}
