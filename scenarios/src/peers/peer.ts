// Another project's verifier, set up as its own documentation says: issuer, audience and algorithm
// pinned, keys from the issuer's key set. What it then accepts is what its users accept.

import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

export interface PeerSetup {
  /** Issuers whose tokens are welcome; a single-tenant resource has one. */
  issuers: readonly string[];
  audience: string;
  /** Where the keys are. Given to the peer as its documentation asks for it. */
  jwksUri: string;
  algorithm: 'ES256';
}

export interface PeerVerdict {
  accepted: boolean;
  /** The peer's own words when it refuses. */
  reason: string;
}

export interface Peer {
  name: string;
  version: string;
  judge(token: string): Promise<PeerVerdict>;
  close(): Promise<void>;
}

export type OpenPeer = (setup: PeerSetup) => Promise<Peer>;

/** Installed version of a package, read from its own package.json. */
export function installedVersion(name: string): string {
  const path = findPackageJSON(name, import.meta.url);
  if (path === undefined) throw new Error(`${name} is not installed: run npm ci.`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Runs a check that throws when it refuses. */
export async function verdictOf(check: () => unknown): Promise<PeerVerdict> {
  try {
    await check();
    return { accepted: true, reason: '' };
  } catch (error) {
    return { accepted: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
