// A real token for tests: SoftHSM2 with a token folder of its own. Where there is none, tests that need
// it say so and are skipped; in CI that is a failure.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PIN = '4711-0815-1234';
export const TOKEN_LABEL = 'countersign test';
const SECURITY_OFFICER_PIN = '87654321';
const MODULES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
];

export interface SoftHsm {
  module: string;
  /** Where SoftHSM finds this token: for `SOFTHSM2_CONF`. */
  conf: string;
  /** The folder that stands for the token: moved away, the token is. */
  tokens: string;
  remove(): void;
}

/** Why there is no SoftHSM here, for `skip`; false when there is. */
export const noSoftHsm: string | false = missing();

/**
 * A token in a temporary folder, and the environment of this process set to it.
 * @param mechanisms SoftHSM's `slots.mechanisms`, to take some away: `-CKM_EDDSA`
 */
export function startSoftHsm(mechanisms = 'ALL'): SoftHsm {
  const home = mkdtempSync(join(tmpdir(), 'countersign-softhsm-'));
  const tokens = join(home, 'tokens');
  const conf = join(home, 'softhsm2.conf');
  mkdirSync(tokens, { mode: 0o700 });
  writeFileSync(
    conf,
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\nslots.mechanisms = ${mechanisms}\n`,
  );
  process.env['SOFTHSM2_CONF'] = conf;
  initToken(conf, TOKEN_LABEL);
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  return { module: modulePath() as string, conf, tokens, remove };
}

/** One more token beside those that are there. */
export function initToken(conf: string, label: string): void {
  const pins = ['--so-pin', SECURITY_OFFICER_PIN, '--pin', PIN];
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, ...pins], {
    env: { ...process.env, SOFTHSM2_CONF: conf },
    stdio: 'pipe',
  });
}

function modulePath(): string | undefined {
  return MODULES.find((path) => existsSync(path));
}

function missing(): string | false {
  const lacks = [
    ...(modulePath() === undefined ? ['SoftHSM (apt install softhsm2)'] : []),
    ...(hasPkcs11js() ? [] : ['pkcs11js (python3, make and g++, then npm ci)']),
  ];
  if (lacks.length === 0) return false;
  const why = `this machine lacks ${lacks.join(' and ')}`;
  if (process.env['CI'] !== undefined) throw new Error(`In CI nothing is skipped: ${why}.`);
  return why;
}

function hasPkcs11js(): boolean {
  try {
    createRequire(import.meta.url)('pkcs11js');
    return true;
  } catch {
    return false;
  }
}
