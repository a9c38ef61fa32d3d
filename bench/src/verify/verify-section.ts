// Section (a): verifyToken with receipt against libraries that check the signature alone.

import {
  createVerifier,
  type SignatureAlgorithm,
  type VerifierOptions,
  type VerifierPolicy,
} from '@countersign/verifier';
import { createVerifier as createFastVerifier } from 'fast-jwt';
import { importJWK, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { type Contestant, measureInTurns, type RoundPlan, type Timing } from '../measure.ts';
import type { Goal, Section } from '../report.ts';
import { sodiumEd25519 } from './libsodium.ts';
import { AUDIENCE, ISSUER, makeTokens, ORIGIN, type TokenSet } from './make-tokens.ts';

const PLAN: RoundPlan = { rounds: 7, roundMs: 250 };
const POOL = 4096;
const ALGS: SignatureAlgorithm[] = ['ES256', 'EdDSA', 'RS256'];
const SINGLE = 'countersign, own receipt';
const BATCH = 'countersign, 16 share a receipt';
const SODIUM = 'countersign, 16 share, libsodium';
const HIT = 'countersign, same token again';

type Times = Map<string, Timing>;

export async function verifySection(): Promise<Section> {
  const results = new Map<SignatureAlgorithm, Times>();
  const spreads: number[] = [];
  for (const alg of ALGS) {
    const timings = await measureInTurns(await contestants(alg), PLAN);
    results.set(alg, new Map(timings.map((timing) => [timing.name, timing])));
    spreads.push(...timings.map(({ spread }) => spread));
  }
  const names = [...new Set([...results.values()].flatMap((times) => [...times.keys()]))];
  return {
    title: 'Verifying a token',
    method:
      `One call at a time, in microseconds: processor time of the process (all its threads) / wall time, median of ${PLAN.rounds} rounds taken in turns (${POOL} different tokens of about 700 bytes). Peers check signature, issuer, audience and time; ` +
      'countersign also checks key scope, tenant, lifetime, receipt (leaf, path, log signature) and every header and claim rule. No network, no use reports, no deferred audit. ' +
      `"Again" is the same token within its life. Slowest round over fastest: up to ${Math.max(...spreads).toFixed(2)}.`,
    header: ['', ...ALGS],
    rows: names.map((name) => ({
      cells: [name, ...ALGS.map((alg) => show(results.get(alg)?.get(name)))],
    })),
    goals: goalsOf(results),
    limit:
      'Cold, the two public-key operations: node:crypto needs most of the time for the issuer signature and as long again for the log signature, which 16 tokens of a batch share. ' +
      'libsodium does Ed25519 in half the time. A repeated token costs one SHA-256 over it and the re-checks.',
  };
}

async function contestants(alg: SignatureAlgorithm): Promise<Contestant[]> {
  const single = makeTokens(alg, POOL, 1);
  const batch = makeTokens(alg, POOL, 16);
  const fast = createFastVerifier({
    key: pem(single),
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    algorithms: [alg] as never,
    cache: false,
  });
  const fastCached = createFastVerifier({
    key: pem(single),
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    algorithms: [alg] as never,
    cache: 10_000,
  });
  const joseKey = await importJWK(single.jwk, alg);
  const [again = ''] = single.tokens;
  const list: Contestant[] = [
    eachAsync('jose', single, (token) =>
      jwtVerify(token, joseKey, { issuer: ISSUER, audience: AUDIENCE, algorithms: [alg] }),
    ),
    each('fast-jwt', single, fast),
    ours(SINGLE, single, {}),
    ours(BATCH, batch, {}),
    each('fast-jwt, same token again', { ...single, tokens: [again] }, fastCached),
    ours(HIT, { ...single, tokens: [again] }, { cacheEntries: 10_000 }),
  ];
  if (alg !== 'EdDSA') {
    const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: [alg] };
    list.splice(
      1,
      0,
      each('jsonwebtoken', single, (token) =>
        jsonwebtoken.verify(token, single.publicKey, options),
      ),
    );
  }
  if (alg === 'EdDSA') list.splice(4, 0, ours(SODIUM, batch, { ed25519: sodiumEd25519 }));
  return list;
}

function each(name: string, { tokens }: TokenSet, verify: (token: string) => unknown): Contestant {
  let next = 0;
  return {
    name,
    run: (count) => {
      for (let turn = 0; turn < count; turn += 1) verify(tokens[next++ % tokens.length] ?? '');
    },
  };
}

function eachAsync(
  name: string,
  { tokens }: TokenSet,
  verify: (token: string) => Promise<unknown>,
): Contestant {
  let next = 0;
  return {
    name,
    run: async (count) => {
      for (let turn = 0; turn < count; turn += 1)
        await verify(tokens[next++ % tokens.length] ?? '');
    },
  };
}

/** Fewer batches remembered than there are: each visit of a batch pays for its log signature. */
const SUBTREES = POOL / 16 / 2;

/** The token cache is off unless a contestant asks for it. */
function ours(name: string, set: TokenSet, options: VerifierOptions): Contestant {
  const verifier = createVerifier(policyFor(set), {
    cacheEntries: 0,
    subtreeEntries: SUBTREES,
    auditor: 'off',
    fetch: async () => Response.json({ keys: [set.jwk] }),
    ...options,
  });
  return eachAsync(name, set, (token) =>
    verifier.verifyToken(token, { audience: AUDIENCE, tenant: 'acme' }),
  );
}

function policyFor({ alg, receiptKey, checkpointKey }: TokenSet): VerifierPolicy {
  const url = `http://${ORIGIN}`;
  return {
    version: 1,
    issuers: [
      {
        issuer: ISSUER,
        tenant: 'acme',
        population: 'workforce',
        jwksUri: `${ISSUER}/jwks`,
        algorithms: [alg],
        maxLifetimeSeconds: { access: 3600, id: 3600 },
        keyMaxAgeSeconds: 86_400,
        receipts: {
          mode: 'required',
          logs: [{ origin: ORIGIN, receiptKey, checkpointKey, url }],
          startByKid: {},
        },
      },
    ],
  };
}

function pem({ publicKey }: TokenSet): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function goalsOf(results: Map<SignatureAlgorithm, Times>): Goal[] {
  const ratio = (
    peer: string,
    name: string,
    algs = ALGS,
  ): { alg: SignatureAlgorithm; ratio: number }[] =>
    algs.map((alg) => ({
      alg,
      ratio: cpuOf(results, alg, peer) / cpuOf(results, alg, name),
    }));
  const goal = (
    what: string,
    wanted: number,
    ratios: { alg: SignatureAlgorithm; ratio: number }[],
  ): Goal => ({
    what,
    goal: `≥ ${wanted}×`,
    measured: ratios.map(({ alg, ratio: value }) => `${alg} ${value.toFixed(2)}×`).join(', '),
    met: ratios.every(({ ratio: value }) => value >= wanted),
  });
  return [
    goal('own receipt against jose', 1, ratio('jose', SINGLE)),
    goal('16 share a receipt against jose', 1.6, ratio('jose', BATCH)),
    goal('16 share, libsodium, against jose', 3, ratio('jose', SODIUM, ['EdDSA'])),
    goal('own receipt against fast-jwt', 0.5, ratio('fast-jwt', SINGLE)),
    goal('16 share a receipt against fast-jwt', 0.9, ratio('fast-jwt', BATCH)),
    goal('16 share, libsodium, against fast-jwt', 1.7, ratio('fast-jwt', SODIUM, ['EdDSA'])),
    goal('same token again against fast-jwt’s cache', 2, ratio('fast-jwt, same token again', HIT)),
  ];
}

function show(timing: Timing | undefined): string {
  if (timing === undefined) return '–';
  const digits = timing.cpuMicroseconds < 10 ? 2 : 0;
  return `${timing.cpuMicroseconds.toFixed(digits)} / ${timing.wallMicroseconds.toFixed(digits)}`;
}

function cpuOf(
  results: Map<SignatureAlgorithm, Times>,
  alg: SignatureAlgorithm,
  name: string,
): number {
  return results.get(alg)?.get(name)?.cpuMicroseconds ?? Number.NaN;
}
