// Which custodies a signer is started with: its parent says it on the command line, in JSON that holds
// no secret, only the descriptors that secrets come on.

import { z } from 'zod';
import { custodyRefusal } from '../keys-error.ts';
import { Custodies, type CustodyHome, type OpenCustodies } from './custodies.ts';
import type { Custody } from './custody.ts';
import { custodyKindSchema } from './custody.ts';

const descriptor = z.int().min(3).max(9999);

/** What the settings and the signer's command line say alike of a token. */
export const tokenShape = {
  /** Absolute path of the token's PKCS#11 module, a shared library. */
  module: z.string().regex(/^\/.{1,1023}$/, 'give the absolute path of the PKCS#11 module'),
  tokenLabel: z.string().min(1).max(32),
  /** Needed only where two tokens have one label. */
  tokenSerial: z.string().min(1).max(16).optional(),
};

/** What the settings and the signer's command line say alike of AWS KMS. */
export const kmsShape = {
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'give a region such as eu-central-1'),
  /** Default: the one of AWS in that region. */
  endpoint: z
    .url({ protocol: /^https?$/ })
    .refine(isPrivate, 'plain http is for loopback only; use https')
    .refine(isBare, 'give no name or password in it: it is on the command line of the signer')
    .optional(),
};

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What is to be signed and the signature travel there, and nobody else shall see or answer. */
function isPrivate(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'https:' || LOOPBACK.has(hostname);
}

function isBare(endpoint: string): boolean {
  const { username, password } = new URL(endpoint);
  return username === '' && password === '';
}

const planSchema = z.strictObject({
  default: custodyKindSchema.default('software'),
  pkcs11: z.strictObject({ ...tokenShape, pinFd: descriptor }).optional(),
  awsKms: z.strictObject({ ...kmsShape, credentialsFd: descriptor }).optional(),
});

export type CustodyPlan = z.infer<typeof planSchema>;

/** @throws CodedError `custody_not_set_up` */
export function parseCustodyPlan(text: string): CustodyPlan {
  try {
    return planSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw custodyRefusal('custody_not_set_up', 'The --custody of the signer is not usable.', {
      cause,
    });
  }
}

/** Reads what came on a descriptor, each time anew; the caller overwrites what it gets. */
export type ReadSecret = () => Uint8Array;

/**
 * How a signer opens the custodies of a plan.
 * @param secretOf gives the reader of a descriptor
 */
export function custodiesOf(
  plan: CustodyPlan,
  secretOf: (fd: number) => ReadSecret,
): OpenCustodies {
  return async (home) => {
    const { pkcs11, awsKms } = plan;
    const others: Custody[] = [];
    if (pkcs11 !== undefined) others.push(await openToken(pkcs11, secretOf, home));
    if (awsKms !== undefined) others.push(await openKms(awsKms, secretOf));
    return new Custodies(others, plan.default);
  };
}

async function openToken(
  { pinFd, ...settings }: NonNullable<CustodyPlan['pkcs11']>,
  secretOf: (fd: number) => ReadSecret,
  home: CustodyHome,
): Promise<Custody> {
  const { Pkcs11Custody } = await import('../pkcs11/pkcs11-custody.ts');
  return Pkcs11Custody.start({ settings, readPin: secretOf(pinFd), home });
}

async function openKms(
  { credentialsFd, ...options }: NonNullable<CustodyPlan['awsKms']>,
  secretOf: (fd: number) => ReadSecret,
): Promise<Custody> {
  const { KmsCustody } = await import('../aws-kms/kms-custody.ts');
  return KmsCustody.start({ ...options, readCredentials: secretOf(credentialsFd) });
}
