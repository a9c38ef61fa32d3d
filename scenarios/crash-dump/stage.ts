// What every act stands on: the server, a resource for mail, a client that gets tokens for it, our
// verifier as that resource runs it, and a gate between the signer's zone and the debugging network.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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

export const MAIL = 'https://mail.acme.example';
/** Whom the thief wants to be. */
export const VICTIM = 'secretary@acme.example';

/** The folders of the gate, in the temporary folder that goes when the story ends. */
export interface GateFolders {
  inbox: string;
  released: string;
  quarantine: string;
}

export interface MailServer {
  server: StageServer;
  operator: Operator;
  issuer: string;
  client: MachineClient;
  policy: VerifierPolicy;
  ours: OurVerifier;
  genuine: GenuineToken;
  gate: GateFolders;
}

export async function setTheStage(stage: Stage): Promise<MailServer> {
  const home = mkdtempSync(join(tmpdir(), 'countersign-scenario-'));
  stage.closing.defer(() => rmSync(home, { recursive: true, force: true }));
  const gate = {
    inbox: join(home, 'inbox'),
    released: join(home, 'released'),
    quarantine: join(home, 'quarantine'),
  };
  for (const folder of Object.values(gate)) mkdirSync(folder, { mode: 0o700 });
  const server = await startServer();
  stage.closing.defer(() => server.stop());
  const operator = operatorOf(server);
  const resource = { tenant: 'acme', identifier: MAIL, name: 'Mail', scopes: ['mail.read'] };
  await operator.post('/api/v1/resources', resource);
  const client = await registerMachineClient(server, operator, {
    realm: 'acme/workforce',
    audience: MAIL,
    scope: 'mail.read',
  });
  const credential = await reporterFor(operator, 'acme', 'mail');
  const policy = await pinPolicy(server, client.issuer);
  const ours = openOurVerifier({ policy, audience: MAIL, credential });
  stage.closing.defer(() => ours.close());
  const genuine = await client.getToken();
  const { issuer } = client;
  return { server, operator, issuer, client, policy, ours, genuine, gate };
}

/** The verifiers of others, as a resource of this issuer sets them up. */
export function peerSetup({ issuer, policy }: MailServer) {
  const jwksUri = policy.issuers.find((entry) => entry.issuer === issuer)?.jwksUri ?? '';
  return { issuers: [issuer], audience: MAIL, jwksUri, algorithm: 'ES256' } as const;
}
