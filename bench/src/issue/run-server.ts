// Starts the two contestants of the issuing benchmark as processes of their own: bare
// oidc-provider, and the whole of Countersign on a fresh data folder on this machine's disk.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPort } from '../../../scenarios/src/stage/claim-port.ts';

export interface TokenEndpoint {
  name: string;
  url: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  stop(): Promise<void>;
}

const REPOSITORY = join(import.meta.dirname, '../../..');
const START_MS = 30_000;

export async function startBareProvider(): Promise<TokenEndpoint> {
  const port = await claimPort();
  const child = await startNode([join(REPOSITORY, 'bench/src/bare-provider.ts'), String(port)], {});
  return {
    name: 'oidc-provider alone, in memory',
    url: `http://127.0.0.1:${port}/token`,
    clientId: 'bench',
    clientSecret: 'bench-secret-bench-secret-bench-secret',
    scope: 'read',
    stop: () => stop(child),
  };
}

export async function startCountersign(): Promise<TokenEndpoint> {
  const port = await claimPort();
  const data = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const child = await startNode([join(REPOSITORY, 'apps/server/src/main.ts')], {
    COUNTERSIGN_DATA: data,
    COUNTERSIGN_URL: `http://localhost:${port}`,
  });
  const demo = JSON.parse(readFileSync(join(data, 'secrets/demo.json'), 'utf8')) as {
    clients: { clientId: string; secret?: string }[];
  };
  const service = demo.clients.find(({ clientId }) => clientId === 'acme-service');
  if (service?.secret === undefined) throw new Error('the seed has no acme-service with a secret');
  return {
    name: 'countersign, logged, journalled, recorded',
    url: `http://127.0.0.1:${port}/acme/workforce/token`,
    clientId: service.clientId,
    clientSecret: service.secret,
    scope: 'orders:read',
    stop: async () => {
      await stop(child);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function startNode(
  args: string[],
  environment: Record<string, string>,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`${args[0]} was not ready in ${START_MS} ms`)),
      START_MS,
    );
    child.once('exit', (code) =>
      reject(new Error(`${args[0]} ended with ${code} before it was ready`)),
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!chunk.toString().includes('ready')) return;
      clearTimeout(late);
      resolve();
    });
  });
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
