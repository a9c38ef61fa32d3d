// What this story stands on: a server as it comes, a tenant with a mail API, and its security team with a
// credential to read and fill its own log.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VerifierPolicy } from '@countersign/verifier';
import {
  type GenuineToken,
  type MachineClient,
  registerMachineClient,
} from '../src/stage/machine-client.ts';
import { type Operator, operatorOf } from '../src/stage/operator.ts';
import {
  type OurVerifier,
  openOurVerifier,
  pinPolicy,
  reporterFor,
} from '../src/stage/our-verifier.ts';
import type { Stage } from '../src/stage/perform.ts';
import { type StageServer, startServer } from '../src/stage/start-server.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { typeCommand } from '../src/stage/type-command.ts';

export const MAIL = 'https://mail.acme.example';
/** Whose mail is read. */
export const VICTIM = 'secretary@acme.example';

export interface House {
  server: StageServer;
  operator: Operator;
  policy: VerifierPolicy;
  issuer: string;
  client: MachineClient;
  ours: OurVerifier;
  genuine: GenuineToken;
  /** Lets the mail API tell what was read. */
  credential: string;
  /** What the security team types, in its own folder, with its own credential. */
  type(...words: string[]): ReturnType<typeof typeCommand>;
  /** That folder. */
  desk: string;
}

export async function setTheStage(stage: Stage): Promise<Found<House>> {
  const desk = mkdtempSync(join(tmpdir(), 'countersign-desk-'));
  stage.closing.defer(() => rmSync(desk, { recursive: true, force: true }));
  const server = await startServer();
  stage.closing.defer(() => server.stop());
  const operator = operatorOf(server);
  const resource = { tenant: 'acme', identifier: MAIL, name: 'Mail', scopes: ['mail.read'] };
  await operator.post('/api/v1/resources', resource);
  const asked = { realm: 'acme/workforce', audience: MAIL, scope: 'mail.read' };
  const client = await registerMachineClient(server, operator, asked);
  const credential = await reporterFor(operator, 'acme', 'mail');
  const policy = await pinPolicy(server, client.issuer);
  const ours = openOurVerifier({ policy, audience: MAIL, credential });
  stage.closing.defer(() => ours.close());
  const genuine = await client.getToken();
  const { accepted, code } = await ours.judge(genuine.token);
  claim(accepted, `Countersign refuses a genuine token: ${code}.`);
  await ours.flush();
  // The one thing the operator does: a credential of the tenant's own, for its own log.
  const reader = await operator.post<{ credential: string }>('/api/v1/readers', {
    ...{ kind: 'tenant', tenant: 'acme', name: 'Security team', manage: true },
  });
  writeFileSync(join(desk, 'reader-token'), reader.credential, { mode: 0o600 });
  const type = (...words: string[]) => typeCommand({ desk, url: server.url }, words);
  const { issuer } = client;
  return {
    detail: `ready after ${(server.readyMs / 1000).toFixed(1)} s; its security team has one credential, which reads and fills the log of acme and nothing else`,
    value: { server, operator, policy, issuer, client, ours, genuine, credential, type, desk },
  };
}
