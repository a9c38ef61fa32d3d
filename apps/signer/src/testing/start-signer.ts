// Starts the real signer the way the server does: confined, its passphrase on a descriptor.

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createSignerClient,
  type KeyScope,
  planCustodyLaunch,
  type SignerClient,
} from '@countersign/keys';
import { type ConfinedChild, spawnConfined } from '@countersign/pipe';

export const PASSPHRASE = 'correct horse battery staple';
const ROOT = join(import.meta.dirname, '../../../..');
export const READ_PATHS = ['apps/signer', 'packages', 'node_modules', 'package.json'].map((path) =>
  join(ROOT, path),
);
export const NODE_MODULES = join(ROOT, 'node_modules');
const NODE_WARNING = /^\(node:\d+\) .*--allow-|^\(Use `node --trace-warnings/;
export const MAIN = join(import.meta.dirname, '../main.ts');

export interface StartedSigner extends ConfinedChild {
  signer: SignerClient;
  /** What it said, but for Node's own warnings of flags. */
  log: string[];
  exited: Promise<{ code: number | null; signal: string | null }>;
}

const running = new Set<ConfinedChild>();

/** Ends what a test that failed left running, which would keep the test process alive. */
function endAll(): void {
  for (const { child, client } of running) {
    client.close();
    child.kill('SIGKILL');
  }
  running.clear();
}

/**
 * A temporary home with an empty `signer/` folder and a passphrase file beside it. Removing it
 * ends every signer that still runs.
 */
export function newHome(): { folder: string; secret: string; remove(): void } {
  const home = mkdtempSync(join(tmpdir(), 'countersign-signer-'));
  const folder = join(home, 'signer');
  const secret = join(home, 'passphrase');
  mkdirSync(folder);
  writeFileSync(secret, `${PASSPHRASE}\n`, { mode: 0o600 });
  const remove = (): void => {
    endAll();
    rmSync(home, { recursive: true, force: true });
  };
  return { folder, secret, remove };
}

export function startSigner(
  folder: string,
  secret: string,
  script = MAIN,
  custody = planCustodyLaunch(NODE_MODULES),
): StartedSigner {
  const fd = openSync(secret, 'r');
  const custodyFds = custody.secrets.map((held) => held.open());
  const log: string[] = [];
  const confined = spawnConfined({
    name: 'signer',
    script,
    args: [folder, '3', ...custody.args(4)],
    folder,
    readPaths: [
      ...['apps/signer', 'packages', 'package.json'].map((path) => join(ROOT, path)),
      ...['@countersign', 'zod', ...custody.libraries].map((name) => join(NODE_MODULES, name)),
    ],
    inheritFds: [fd, ...custodyFds],
    opens: custody.opens,
    environment: custody.environment,
    // A busy machine starts it slowly; no test is about that.
    timeoutMs: 60_000,
    onLogLine: (line) => {
      if (!NODE_WARNING.test(line)) log.push(line);
    },
  });
  for (const one of [fd, ...custodyFds]) closeSync(one);
  running.add(confined);
  confined.child.once('close', () => running.delete(confined));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    confined.child.once('close', (code, signal) => resolve({ code, signal })),
  );
  return { ...confined, signer: createSignerClient(confined.client), log, exited };
}

export function makeScope(changes: Partial<KeyScope> = {}): KeyScope {
  const now = Math.floor(Date.now() / 1000);
  return {
    issuer: 'https://id.example/acme/workforce',
    tenant: 'acme',
    population: 'workforce',
    audiences: '*',
    tokenTypes: ['at+jwt'],
    longestLifetimeSeconds: 3600,
    notBeforeSeconds: now - 60,
    notAfterSeconds: now + 86_400,
    ...changes,
  };
}

/** A signing input that the scope above allows; `mark` makes it differ from others. */
export function makeInput(kid: string, mark: number): Uint8Array {
  const now = Math.floor(Date.now() / 1000);
  const segment = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = {
    iss: 'https://id.example/acme/workforce',
    sub: 'ada',
    aud: 'https://api.example',
    exp: now + 600,
    iat: now,
    jti: `${mark}`.padStart(22, '0'),
    root_auth_id: 'root',
    tenant: 'acme',
    client_id: 'portal',
  };
  return Buffer.from(`${segment({ alg: 'ES256', kid, typ: 'at+jwt' })}.${segment(payload)}`);
}
