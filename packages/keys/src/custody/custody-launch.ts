// What a parent must do to start a signer with the custodies of its settings: which secrets to hand it,
// which doors of its cage to open, which libraries it must read.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CageOpenings,
  type HeldSecret,
  holdSecret,
  type SecretSource,
} from '@countersign/pipe';
import type { z } from 'zod';
import type { CustodyKind } from './custody.ts';
import type { CustodyPlan, kmsShape, tokenShape } from './custody-plan.ts';

export interface CustodySettings {
  /** Where new keys are made unless somebody says otherwise. */
  default: CustodyKind;
  pkcs11?: z.infer<z.ZodObject<typeof tokenShape>> & {
    pin: SecretSource;
    /** Absolute path: where SoftHSM finds its tokens (SOFTHSM2_CONF). Other modules need none. */
    softhsmConf?: string | undefined;
  };
  awsKms?: z.infer<z.ZodObject<typeof kmsShape>> & {
    /** As AWS writes credentials: an INI file with one profile. */
    credentials: SecretSource;
  };
}

export interface CustodyLaunch {
  /** Arguments for the signer, whose custody secrets come on `firstFd` and those after it. */
  args(firstFd: number): string[];
  /** In the order of their descriptors. */
  secrets: HeldSecret[];
  opens: CageOpenings;
  environment: { SOFTHSM2_CONF?: string };
  /** Folders of `nodeModules` that the signer must read besides. */
  libraries: string[];
}

const SOFTWARE_ONLY: CustodySettings = { default: 'software' };

/**
 * @param nodeModules absolute path of the folder that holds the libraries
 * @throws CodedError `secret_missing`, `secret_unusable`
 */
export function planCustodyLaunch(
  nodeModules: string,
  { default: kind, pkcs11, awsKms }: CustodySettings = SOFTWARE_ONLY,
): CustodyLaunch {
  const secrets: HeldSecret[] = [];
  const plan: CustodyPlan = { default: kind };
  if (pkcs11 !== undefined) {
    const { pin, softhsmConf: _, ...token } = pkcs11;
    plan.pkcs11 = { ...token, pinFd: secrets.push(holdSecret(pin, 'PIN of the token')) - 1 };
  }
  if (awsKms !== undefined) {
    const { credentials, ...kms } = awsKms;
    const held = holdSecret(credentials, 'credentials for AWS KMS');
    plan.awsKms = { ...kms, credentialsFd: secrets.push(held) - 1 };
  }
  const conf = pkcs11?.softhsmConf;
  return {
    args: (firstFd) => planArguments(plan, firstFd),
    secrets,
    opens: { addons: pkcs11 !== undefined, network: awsKms !== undefined },
    environment: conf === undefined ? {} : { SOFTHSM2_CONF: conf },
    libraries: [
      ...(pkcs11 === undefined ? [] : ['pkcs11js']),
      ...(awsKms === undefined ? [] : librariesOf(nodeModules, '@aws-sdk/client-kms')),
    ],
  };
}

function planArguments(plan: CustodyPlan, firstFd: number): string[] {
  const { pkcs11, awsKms } = plan;
  if (pkcs11 === undefined && awsKms === undefined && plan.default === 'software') return [];
  const placed: CustodyPlan = {
    default: plan.default,
    ...(pkcs11 === undefined ? {} : { pkcs11: { ...pkcs11, pinFd: firstFd + pkcs11.pinFd } }),
    ...(awsKms === undefined
      ? {}
      : { awsKms: { ...awsKms, credentialsFd: firstFd + awsKms.credentialsFd } }),
  };
  return ['--custody', JSON.stringify(placed)];
}

/** A library and all that it depends on, as npm has laid them out. */
function librariesOf(nodeModules: string, name: string, known = new Set<string>()): string[] {
  if (known.has(name)) return [];
  known.add(name);
  const manifest = join(nodeModules, name, 'package.json');
  // One that is not installed is the signer's to tell of.
  if (!existsSync(manifest)) return [...known];
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const other of Object.keys(dependencies)) librariesOf(nodeModules, other, known);
  return [...known];
}
