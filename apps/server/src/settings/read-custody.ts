// The settings of who holds the private keys, and of the secrets that open them: a file, a systemd
// credential, or a descriptor that the starter hands on. Never the secret itself.

import { resolve } from 'node:path';
import { type CustodySettings, kmsShape, tokenShape } from '@countersign/keys';
import type { SecretSource } from '@countersign/pipe';
import { CodedError } from '@countersign/vocabulary';
import { z } from 'zod';

const path = z.string().min(1).max(1024);
const credential = z.string().min(1).max(255);
const descriptor = z.int().min(3).max(9999);

/** `custody` of countersign.yaml, documented. */
export const custodySchema = z.strictObject({
  /** Where new keys are made: `software` (default), `pkcs11` or `aws-kms`. Old ones stay where they are. */
  default: z.enum(['software', 'pkcs11', 'aws-kms']).optional(),
  /** An HSM, or anything that comes with a PKCS#11 module. Name exactly one source of its PIN. */
  pkcs11: z
    .strictObject({
      ...tokenShape,
      pinFile: path.optional(),
      pinCredential: credential.optional(),
      pinFd: descriptor.optional(),
      /** Only for SoftHSM: its configuration file, as SOFTHSM2_CONF. */
      softhsmConf: path.optional(),
    })
    .optional(),
  /** AWS KMS. Credentials as AWS writes them (an INI file); name exactly one source. */
  awsKms: z
    .strictObject({
      ...kmsShape,
      credentialsFile: path.optional(),
      credentialsCredential: credential.optional(),
      credentialsFd: descriptor.optional(),
    })
    .optional(),
});

export interface PassphraseSettings {
  keyPassphraseFile?: string | undefined;
  keyPassphraseCredential?: string | undefined;
  /** From the environment it comes as text. */
  keyPassphraseFd?: string | number | undefined;
}

/** Undefined: the passphrase that is made in the data folder. @throws CodedError `bad_setting` */
export function readPassphraseSource(
  settings: PassphraseSettings,
  workingFolder: string,
): SecretSource | undefined {
  const { keyPassphraseFile, keyPassphraseCredential, keyPassphraseFd } = settings;
  const fd = keyPassphraseFd === undefined ? undefined : Number(keyPassphraseFd);
  if (fd !== undefined && !descriptor.safeParse(fd).success) {
    throw bad('keyPassphraseFd: give the number of an inherited descriptor, 3 or more.');
  }
  const sources = sourcesOf(
    { file: keyPassphraseFile, credential: keyPassphraseCredential, fd },
    workingFolder,
  );
  if (sources.length > 1) {
    throw bad('keyPassphraseFile, keyPassphraseCredential, keyPassphraseFd: set one of them.');
  }
  return sources[0];
}

/** @throws CodedError `bad_setting` */
export function readCustody(
  custody: z.infer<typeof custodySchema> | undefined,
  workingFolder: string,
): CustodySettings {
  const { default: kind = 'software', pkcs11, awsKms } = custody ?? {};
  if (kind === 'pkcs11' && pkcs11 === undefined) {
    throw bad('custody.default: pkcs11 needs custody.pkcs11 with module, tokenLabel and a PIN.');
  }
  if (kind === 'aws-kms' && awsKms === undefined) {
    throw bad('custody.default: aws-kms needs custody.awsKms with region and credentials.');
  }
  return {
    default: kind,
    ...(pkcs11 === undefined ? {} : { pkcs11: readToken(pkcs11, workingFolder) }),
    ...(awsKms === undefined ? {} : { awsKms: readKms(awsKms, workingFolder) }),
  };
}

type TokenSettings = NonNullable<z.infer<typeof custodySchema>['pkcs11']>;
type KmsSettings = NonNullable<z.infer<typeof custodySchema>['awsKms']>;

function readToken(
  { pinFile, pinCredential, pinFd, softhsmConf, ...token }: TokenSettings,
  workingFolder: string,
): NonNullable<CustodySettings['pkcs11']> {
  const [pin, ...more] = sourcesOf(
    { file: pinFile, credential: pinCredential, fd: pinFd },
    workingFolder,
  );
  if (pin === undefined || more.length > 0) {
    throw bad('custody.pkcs11: set exactly one of pinFile, pinCredential, pinFd.');
  }
  const conf =
    softhsmConf === undefined ? {} : { softhsmConf: resolve(workingFolder, softhsmConf) };
  return { ...token, pin, ...conf };
}

function readKms(
  { credentialsFile, credentialsCredential, credentialsFd, ...kms }: KmsSettings,
  workingFolder: string,
): NonNullable<CustodySettings['awsKms']> {
  const [credentials, ...more] = sourcesOf(
    { file: credentialsFile, credential: credentialsCredential, fd: credentialsFd },
    workingFolder,
  );
  if (credentials === undefined || more.length > 0) {
    throw bad(
      'custody.awsKms: set exactly one of credentialsFile, credentialsCredential, credentialsFd.',
    );
  }
  return { ...kms, credentials };
}

interface Places {
  file?: string | undefined;
  credential?: string | undefined;
  fd?: number | undefined;
}

function sourcesOf({ file, credential, fd }: Places, workingFolder: string): SecretSource[] {
  return [
    ...(file === undefined ? [] : [{ file: resolve(workingFolder, file) }]),
    ...(credential === undefined ? [] : [{ credential }]),
    ...(fd === undefined ? [] : [{ fd }]),
  ];
}

function bad(message: string): CodedError<'bad_setting'> {
  return new CodedError('bad_setting', message);
}
