// What every act of this scenario stands on: the server with its old key, a resource for mail, a
// client of acme's workforce, and our verifier as that resource runs it.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VerifierPolicy } from '@countersign/verifier';
import { plantOldKey } from '../src/attack/plant-old-key.ts';
import type { Machine } from '../src/attack/steal-keys.ts';
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
/** Whom the attacker wants to be. */
export const VICTIM = 'secretary@acme.example';
/** Microsoft's key was made in April 2016. */
const OLD_KEY_MADE = new Date('2016-04-05T00:00:00Z');

export interface MailServer {
  server: StageServer;
  /** The server as it was before this start: a signer does away with a key that is over within seconds. */
  backup: Machine;
  operator: Operator;
  issuer: string;
  /** Lets the mail server report what it is shown. */
  credential: string;
  /** The developer of the mail server pinned this before anything happened. */
  policy: VerifierPolicy;
  ours: OurVerifier;
  /** Follows no feed, and has the keys as they are now: it hears of nothing for minutes. */
  deaf: OurVerifier;
  client: MachineClient;
  genuine: GenuineToken;
}

export async function setTheStage(stage: Stage): Promise<MailServer> {
  const kept = mkdtempSync(join(tmpdir(), 'countersign-backup-'));
  stage.closing.defer(() => rmSync(kept, { recursive: true, force: true }));
  const server = await startServer(async (data, url) => {
    await plantOldKey(data, {
      issuer: `${url}/acme/customer`,
      tenant: 'acme',
      population: 'customer',
      madeAt: OLD_KEY_MADE,
    });
    cpSync(join(data, 'signer'), join(kept, 'signer'), { recursive: true });
  });
  stage.closing.defer(() => server.stop());
  const backup: Machine = { data: kept, secret: server.secret };
  const operator = operatorOf(server);
  await operator.post('/api/v1/resources', {
    tenant: 'acme',
    identifier: MAIL,
    name: 'Mail',
    scopes: ['mail.read'],
  });
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
  const deaf = openOurVerifier({ policy: withoutFeed(policy), audience: MAIL, credential });
  stage.closing.defer(() => deaf.close());
  await deaf.judge(genuine.token);
  const { issuer } = client;
  return { server, backup, operator, issuer, credential, policy, ours, deaf, client, genuine };
}

/** The policy of a verifier that does not follow the feed, and so has not heard of a quarantine. */
export function withoutFeed({ feed: _, ...policy }: VerifierPolicy): VerifierPolicy {
  return policy;
}

/** The same policy with its keys taken from elsewhere, as a careless administrator might. */
export function withKeysFrom(policy: VerifierPolicy, jwksUri: string): VerifierPolicy {
  return { ...policy, issuers: policy.issuers.map((issuer) => ({ ...issuer, jwksUri })) };
}
