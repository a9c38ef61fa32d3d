// Gets an issuer's verifier policy: what its tokens must look like, and which log must have seen
// them. Whoever gives us this document decides what we believe, so where it came from is kept.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FormatError, parsePolicy, type VerifierPolicy } from '@countersign/verifier';
import { cliError } from '../cli-error.ts';
import { fetchJson, isLoopback } from '../http/fetch-json.ts';
import type { CliWorld } from '../world.ts';

export interface KnownPolicy {
  policy: VerifierPolicy;
  /** `pinned`: from a file of the user's. `fetched`: from the issuer, just now, on its word alone. */
  source: 'pinned' | 'fetched';
  /** The file or the URL. */
  from: string;
  /** Lower-case hex SHA-256 of the document in one-line form, to compare over another channel. */
  fingerprint: string;
}

/** @throws CodedError `server_unreachable`, `server_refused`, `answer_malformed`, `wrong_use` */
export async function fetchPolicy(issuer: URL): Promise<KnownPolicy> {
  if (issuer.protocol !== 'https:' && !isLoopback(issuer))
    throw cliError(
      'wrong_use',
      'A policy fetched over plain HTTP can be anyone’s: use https, or --policy FILE.',
    );
  const url = new URL('/api/v1/verifier-policy', issuer);
  url.searchParams.set('issuer', issuer.href.replace(/\/+$/, ''));
  const { body } = await fetchJson(url);
  try {
    return known(parsePolicy(JSON.stringify(body)), 'fetched', url.href);
  } catch (error) {
    throw cliError(
      'answer_malformed',
      `${url.host} sent a policy that is refused: ${reasonOf(error)}`,
      error,
    );
  }
}

/** @throws CodedError `file_unreadable`, `wrong_use` */
export function readPolicy(world: CliWorld, file: string): KnownPolicy {
  const path = resolve(world.workingFolder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `--policy: ${path} cannot be read.`, error);
  }
  try {
    return known(parsePolicy(text), 'pinned', path);
  } catch (error) {
    throw cliError('wrong_use', `--policy: ${path} is refused: ${reasonOf(error)}`, error);
  }
}

export function formatPolicy(policy: VerifierPolicy): string {
  return `${JSON.stringify(policy, null, 2)}\n`;
}

function known(policy: VerifierPolicy, source: KnownPolicy['source'], from: string): KnownPolicy {
  const fingerprint = createHash('sha256').update(JSON.stringify(policy)).digest('hex');
  return { policy, source, from, fingerprint };
}

function reasonOf(error: unknown): string {
  if (error instanceof FormatError) return error.message;
  throw error;
}
