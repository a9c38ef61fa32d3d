// The data folder: who may read it, who holds it, and the secrets in it that no command line,
// environment or log ever carries.

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type HeldSecret, holdSecret, type SecretSource } from '@countersign/pipe';
import { CodedError, newId, newSecret, type Random } from '@countersign/vocabulary';

export interface DataFolder {
  readonly path: string;
  readonly database: string;
  readonly signer: string;
  readonly notary: string;
  /** What the archivist seals. */
  readonly archive: string;
  /** The key passphrase: children get a descriptor of it, not a path. */
  readonly passphrase: HeldSecret;
  /** True until `markComplete`: the first start, or one that was cut short. */
  isNew(): boolean;
  /** Notes for all later starts what was made here. */
  markComplete(made: Installation): void;
  /** What an earlier start noted. */
  readonly installation: Installation | undefined;
  /** Names this instance in the leaves of its tokens; made once, no secret, never given to another. */
  readonly instanceId: string;
  /** A secret of the server's own, made on first use and kept in a 0600 file. */
  secret(name: SecretName): string;
  release(): void;
}

/** What never changes once a data folder is in use: issuers and the log carry these names. */
export interface Installation {
  url: string;
  logOrigin: string;
}

export type SecretName = 'operator-token' | 'provider-master' | 'risk-keys';
type DataFolderRefusal = 'data_in_use' | 'passphrase_missing';

/**
 * @param source of the key passphrase; default a file in the data folder, made when it is new
 * @throws CodedError `data_in_use`, `passphrase_missing`, `secret_missing`, `secret_unusable`
 */
export function openDataFolder(path: string, random: Random, source?: SecretSource): DataFolder {
  for (const name of ['', 'signer', 'notary', 'secrets'])
    mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
  const release = holdFolder(join(path, 'server.pid'));
  const secretPath = (name: string): string => join(path, 'secrets', name);
  let passphrase: HeldSecret;
  try {
    passphrase = holdPassphrase(source, secretPath('key-passphrase'), path, random);
  } catch (error) {
    release();
    throw error;
  }
  const noted = join(path, 'installation.json');
  return {
    path,
    isNew: () => !existsSync(noted),
    markComplete: (made) => {
      if (!existsSync(noted)) writeDurable(noted, `${JSON.stringify(made, null, 2)}\n`);
    },
    installation: existsSync(noted)
      ? (JSON.parse(readFileSync(noted, 'utf8')) as Installation)
      : undefined,
    database: join(path, 'countersign.db'),
    signer: join(path, 'signer'),
    notary: join(path, 'notary'),
    archive: join(path, 'archive'),
    passphrase,
    instanceId: readOrMake(join(path, 'instance-id'), () => newId(random)),
    secret: (name) => readOrMake(secretPath(name), () => newSecret(random)),
    release: () => {
      passphrase.release();
      release();
    },
  };
}

function holdPassphrase(
  source: SecretSource | undefined,
  own: string,
  data: string,
  random: Random,
): HeldSecret {
  const file = source === undefined ? own : 'file' in source ? source.file : undefined;
  if (file !== undefined && !existsSync(file)) {
    makePassphrase(file, data, source !== undefined, random);
  }
  return holdSecret(source ?? { file: own }, 'key passphrase');
}

/** Never a fresh passphrase where old keys wait for the old one. */
function makePassphrase(file: string, data: string, configured: boolean, random: Random): void {
  const keysExist = ['signer', 'notary'].some((name) => readdirSync(join(data, name)).length > 0);
  if (configured || keysExist) {
    throw new CodedError<DataFolderRefusal>(
      'passphrase_missing',
      `The key passphrase is missing: put it back at ${file}. Keys cannot be read without it and new ones are not made in their place.`,
    );
  }
  readOrMake(file, () => newSecret(random));
}

function readOrMake(file: string, make: () => string): string {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept !== '') return kept;
  // What a crash left between making the file and filling it; nobody was ever told of it.
  rmSync(file, { force: true });
  const made = make();
  writeDurable(file, `${made}\n`);
  return made;
}

function writeDurable(file: string, text: string): void {
  const fd = openSync(file, 'wx', 0o600);
  writeSync(fd, text);
  fsyncSync(fd);
  closeSync(fd);
  const folder = openSync(join(file, '..'), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** One server a folder. A pid file left by a process that is gone is taken over. */
function holdFolder(pidFile: string): () => void {
  if (existsSync(pidFile)) {
    const holder = Number(readFileSync(pidFile, 'utf8'));
    if (holder !== process.pid && isCountersign(holder)) {
      throw new CodedError<DataFolderRefusal>(
        'data_in_use',
        `Process ${holder} is using this data folder; stop it or set COUNTERSIGN_DATA to another folder.`,
      );
    }
    rmSync(pidFile);
  }
  writeDurable(pidFile, `${process.pid}\n`);
  return () => rmSync(pidFile, { force: true });
}

/** A pid may have been given to a stranger since: only a process of ours holds the folder. */
function isCountersign(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return (
    !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('server/src/main.ts')
  );
}
