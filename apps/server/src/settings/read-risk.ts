// The settings of the risk engine. It is always on: what can be set is who made the model, how often
// legitimate acts may be disturbed, and what is done where a tenant has said nothing.

import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DETECTOR_CODES, parsePolicy, type RiskPolicy } from '@countersign/risk';
import { CodedError } from '@countersign/vocabulary';
import { parse } from 'yaml';
import { z } from 'zod';
import { type ListSettings, listsSchema, readListSettings } from './read-lists.ts';

const file = z.string().min(1).max(1024);

export const riskSchema = z.strictObject({
  /** File with a policy (YAML or JSON) for tenants that have none of their own. Default: built in. */
  policy: file.optional(),
  /** File with a signed model. Default: the one that comes with the engine. */
  model: file.optional(),
  /** Files with the public Ed25519 keys (PEM) of whoever may make a model, by a name for each. */
  modelKeys: z.record(z.string().min(1).max(64), file).optional(),
  /** Share of legitimate acts that may be at least medium. Default 0.01; from 0.0001 to 0.2. */
  mediumShare: z.number().optional(),
  /** Share of legitimate acts that may be high. Default 0.001; less than `mediumShare`. */
  highShare: z.number().optional(),
  /** Lists of data centres, VPNs, exits of Tor, relays and proxies. Default: public clouds by ASN. */
  lists: listsSchema.optional(),
});

export interface RiskSettingsOfHouse {
  readonly policy: RiskPolicy | undefined;
  /** Absolute. */
  readonly model: string | undefined;
  /** PEM by name. */
  readonly modelKeys: Readonly<Record<string, string>>;
  readonly mediumShare: number;
  readonly highShare: number;
  readonly lists: readonly ListSettings[];
}

const LEAST_SHARE = 1e-6;
const SMALLEST_SHARE = 1e-4;
const LARGEST_SHARE = 0.2;

/** @throws CodedError `bad_setting` */
export function readRisk(
  given: { risk?: z.infer<typeof riskSchema> | undefined },
  workingFolder: string,
): RiskSettingsOfHouse {
  const { policy, model, modelKeys = {}, mediumShare = 0.01, highShare = 0.001 } = given.risk ?? {};
  if (!(mediumShare >= SMALLEST_SHARE && mediumShare <= LARGEST_SHARE)) {
    throw bad(`mediumShare: give a share from ${SMALLEST_SHARE} to ${LARGEST_SHARE}.`);
  }
  if (!(highShare >= LEAST_SHARE && highShare < mediumShare)) {
    throw bad(`highShare: give a share from ${LEAST_SHARE} that is less than mediumShare.`);
  }
  return {
    policy: policy === undefined ? undefined : readPolicy(resolve(workingFolder, policy)),
    model: model === undefined ? undefined : resolve(workingFolder, model),
    modelKeys: Object.fromEntries(
      Object.entries(modelKeys).map(([name, path]) => [name, readKey(workingFolder, name, path)]),
    ),
    ...{ mediumShare, highShare },
    lists: readListSettings(given.risk?.lists, workingFolder),
  };
}

function readPolicy(path: string): RiskPolicy {
  try {
    return parsePolicy(parse(readFileSync(path, 'utf8')), { detections: DETECTOR_CODES });
  } catch (error) {
    throw bad(`policy: ${path}: ${error instanceof Error ? error.message : 'not understood'}`);
  }
}

function readKey(workingFolder: string, name: string, path: string): string {
  const place = resolve(workingFolder, path);
  try {
    const pem = readFileSync(place, 'utf8');
    if (createPublicKey(pem).asymmetricKeyType === 'ed25519') return pem;
  } catch {
    // Told below, in the same words.
  }
  throw bad(`modelKeys.${name}: ${place} holds no public Ed25519 key (PEM).`);
}

function bad(message: string): CodedError<'bad_setting'> {
  return new CodedError('bad_setting', `risk.${message}`);
}
