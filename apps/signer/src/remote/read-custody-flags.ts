// Which custodies a signer on a host of its own has, and where its secrets come from: a file, a systemd
// credential, or a descriptor that the starter hands on. Never the secret itself.

import { resolve } from 'node:path';
import { type CustodyKind, type CustodySettings, kmsShape } from '@countersign/keys';
import type { SecretSource } from '@countersign/pipe';

const text = { type: 'string' } as const;

/** For `parseArgs`. */
export const SECRET_FLAGS = {
  'passphrase-file': text,
  'passphrase-credential': text,
  'passphrase-fd': text,
} as const;

/** For `parseArgs`. */
export const CUSTODY_FLAGS = {
  custody: text,
  'pkcs11-module': text,
  'pkcs11-token': text,
  'pkcs11-serial': text,
  'pin-file': text,
  'pin-credential': text,
  'pin-fd': text,
  'softhsm-conf': text,
  'kms-region': text,
  'kms-endpoint': text,
  'kms-credentials-file': text,
  'kms-credentials-credential': text,
  'kms-credentials-fd': text,
} as const;

type Flags = Partial<Record<keyof typeof CUSTODY_FLAGS | keyof typeof SECRET_FLAGS, string>>;
type SecretName = 'passphrase' | 'pin' | 'kms-credentials';

const KINDS: Readonly<Record<CustodyKind, string | undefined>> = {
  software: undefined,
  pkcs11: 'pkcs11-module',
  'aws-kms': 'kms-region',
};

/** @throws Error with a sentence for the operator */
export function readCustody(flags: Flags): CustodySettings {
  const { custody = 'software' } = flags;
  if (!(custody in KINDS)) throw new Error('--custody is software, pkcs11 or aws-kms.');
  const kind = custody as CustodyKind;
  const settings: CustodySettings = { default: kind };
  const module = flags['pkcs11-module'];
  if (module !== undefined) settings.pkcs11 = readToken(flags, module);
  const region = flags['kms-region'];
  if (region !== undefined) settings.awsKms = readKms(flags, region);
  const needed = KINDS[kind];
  if (needed !== undefined && flags[needed as keyof Flags] === undefined)
    throw new Error(`--custody ${kind} needs --${needed}.`);
  return settings;
}

function readToken(flags: Flags, module: string): NonNullable<CustodySettings['pkcs11']> {
  const { 'pkcs11-token': tokenLabel, 'pkcs11-serial': tokenSerial } = flags;
  const { 'softhsm-conf': softhsmConf } = flags;
  if (tokenLabel === undefined) throw new Error('--pkcs11-module needs --pkcs11-token.');
  return {
    ...{ module: resolve(module), tokenLabel, pin: readSecretSource(flags, 'pin') },
    ...(tokenSerial === undefined ? {} : { tokenSerial }),
    ...(softhsmConf === undefined ? {} : { softhsmConf: resolve(softhsmConf) }),
  };
}

function readKms(flags: Flags, region: string): NonNullable<CustodySettings['awsKms']> {
  const endpoint = flags['kms-endpoint'];
  for (const [name, shape, value] of [
    ['region', kmsShape.region, region],
    ['endpoint', kmsShape.endpoint, endpoint],
  ] as const) {
    const wrong = shape.safeParse(value).error?.issues[0];
    if (wrong !== undefined) throw new Error(`--kms-${name}: ${wrong.message}.`);
  }
  const credentials = readSecretSource(flags, 'kms-credentials');
  return { region, credentials, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** @throws Error unless exactly one source is named */
export function readSecretSource(flags: Flags, name: SecretName): SecretSource {
  const file = flags[`${name}-file` as const];
  const credential = flags[`${name}-credential` as const];
  const fd = flags[`${name}-fd` as const];
  const sources: SecretSource[] = [
    ...(file === undefined ? [] : [{ file: resolve(file) }]),
    ...(credential === undefined ? [] : [{ credential }]),
    ...(fd === undefined ? [] : [{ fd: readDescriptor(name, fd) }]),
  ];
  const [only, ...others] = sources;
  if (only === undefined || others.length > 0) {
    throw new Error(
      `Exactly one of --${name}-file, --${name}-credential and --${name}-fd is needed.`,
    );
  }
  return only;
}

function readDescriptor(name: SecretName, fd: string): number {
  if (!/^\d{1,4}$/.test(fd) || Number(fd) < 3) {
    throw new Error(`--${name}-fd is the number of an inherited descriptor, 3 or more.`);
  }
  return Number(fd);
}
