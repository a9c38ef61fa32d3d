// What this story stands on: a server as it comes, behind a proxy that it is told of, and a tenant with an
// application for customers, one for staff and one for partners, a machine, and a security team.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../src/stage/enter-app.ts';
import { type Operator, operatorOf } from '../src/stage/operator.ts';
import type { Stage } from '../src/stage/perform.ts';
import type { Takeover } from '../src/stage/scenario-result.ts';
import { SoftPasskey } from '../src/stage/soft-passkey.ts';
import { type StageServer, startServer } from '../src/stage/start-server.ts';
import type { Found } from '../src/stage/tell-story.ts';
import { typeCommand } from '../src/stage/type-command.ts';
import type { Machine } from './call-as-machine.ts';

export const API = 'https://api.acme.example';

export interface Person {
  id: string;
  username: string;
  password: string;
  app: App;
  /** What a telephone of theirs holds; enrolled by the employee only. */
  passkey: SoftPasskey;
}

export interface House {
  server: StageServer;
  operator: Operator;
  customer: Person;
  employee: Person;
  partner: Person;
  machine: Machine;
  /** Lets the API tell where tokens are used. */
  credential: string;
  /** What the security team types, in its own folder, with its own credential. */
  type(...words: string[]): ReturnType<typeof typeCommand>;
  desk: string;
  /** Asks the API with that credential; with a body it is a POST. */
  ask<T>(path: string, body?: object): Promise<T>;
  /** What became of each, so far. */
  takeovers: Takeover[];
}

/** The proxy of this house is the scenario itself: it says where a request came from. */
const SETTINGS = `# Everything else is as it comes.
proxy:
  trusted: [127.0.0.1/32, ::1/128]
`;

export async function setTheStage(stage: Stage): Promise<Found<House>> {
  const desk = mkdtempSync(join(tmpdir(), 'countersign-desk-'));
  stage.closing.defer(() => rmSync(desk, { recursive: true, force: true }));
  const server = await startServer((data) => {
    writeFileSync(join(data, '../countersign.yaml'), SETTINGS);
  });
  stage.closing.defer(() => server.stop());
  const operator = operatorOf(server);
  await operator.post('/api/v1/resources', {
    ...{ tenant: 'acme', identifier: API, name: 'API', scopes: [] },
  });
  const populations = ['customer', 'workforce', 'partner'] as const;
  const [customer, employee, partner] = await Promise.all(
    populations.map((population, at) =>
      invite(server, operator, population, ['nora', 'erik', 'paula'][at] ?? ''),
    ),
  );
  if (customer === undefined || employee === undefined || partner === undefined) {
    throw new Error('Somebody is missing.');
  }
  const machine = await registerMachine(server, operator);
  const { credential } = await operator.post<{ credential: string }>('/api/v1/reporters', {
    ...{ tenant: 'acme', name: 'api' },
  });
  const reader = await operator.post<{ credential: string }>('/api/v1/readers', {
    ...{ kind: 'tenant', tenant: 'acme', name: 'Security team', manage: true },
  });
  writeFileSync(join(desk, 'reader-token'), reader.credential, { mode: 0o600 });
  const type = (...words: string[]) => typeCommand({ desk, url: server.url }, words);
  const ask = <T>(path: string, body?: object): Promise<T> =>
    askServer<T>(server.url + path, reader.credential, body);
  const people = { customer, employee, partner };
  return {
    detail: `ready after ${(server.readyMs / 1000).toFixed(1)} s; a customer, an employee and a partner with an application each, and a machine with a secret`,
    value: { server, operator, ...people, machine, credential, type, desk, ask, takeovers: [] },
  };
}

async function askServer<T>(url: string, credential: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}

async function invite(
  server: StageServer,
  operator: Operator,
  population: string,
  username: string,
): Promise<Person> {
  const realm = `acme/${population}`;
  const password = randomBytes(18).toString('base64url');
  const { id } = await operator.post<{ id: string }>('/api/v1/people', {
    ...{ realm, username, password },
  });
  const app = await openApp(operator, { url: server.url, realm, audience: API });
  return { id, username, password, app, passkey: new SoftPasskey(server.url) };
}

async function registerMachine(server: StageServer, operator: Operator): Promise<Machine> {
  const realm = 'acme/device';
  const { clientId, clientSecret } = await operator.post<{
    clientId: string;
    clientSecret: string;
  }>('/api/v1/clients', {
    ...{ realm, client_name: 'Meter reader', grant_types: ['client_credentials'] },
    ...{ token_endpoint_auth_method: 'client_secret_basic', resources: [API] },
  });
  return { clientId, clientSecret, endpoint: `${server.url}/${realm}/token`, audience: API };
}
