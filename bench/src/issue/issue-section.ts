// Section (b): /token with client credentials, receipts on and everything durable, against bare
// oidc-provider with its in-memory adapter; both alive in the same run, loaded in turns.

import { median } from '../measure.ts';
import type { Section } from '../report.ts';
import { type Load, loadEndpoint } from './load-endpoint.ts';
import { startBareProvider, startCountersign, type TokenEndpoint } from './run-server.ts';

const ROUNDS = 5;
const ROUND_SECONDS = 4;
const CONNECTIONS = [1, 32] as const;

export async function issueSection(): Promise<Section> {
  const endpoints = [await startBareProvider(), await startCountersign()];
  try {
    for (const endpoint of endpoints) await load(endpoint, 32, 3);
    const results = new Map<string, Load>();
    for (const connections of CONNECTIONS) {
      const rounds = new Map<string, Load[]>(endpoints.map(({ name }) => [name, []]));
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const endpoint of endpoints)
          rounds.get(endpoint.name)?.push(await load(endpoint, connections, ROUND_SECONDS));
      }
      for (const [name, loads] of rounds) results.set(`${name}|${connections}`, middle(loads));
    }
    return section(
      endpoints.map(({ name }) => name),
      results,
    );
  } finally {
    for (const endpoint of endpoints) await endpoint.stop();
  }
}

function load(endpoint: TokenEndpoint, connections: number, seconds: number): Promise<Load> {
  return loadEndpoint({ ...endpoint, connections, seconds });
}

function middle(loads: Load[]): Load {
  const of = (pick: (load: Load) => number): number =>
    median(loads.map(pick).sort((a, b) => a - b));
  return {
    perSecond: of((load) => load.perSecond),
    p50Ms: of((load) => load.p50Ms),
    p99Ms: of((load) => load.p99Ms),
  };
}

function section([bare = '', ours = '']: string[], results: Map<string, Load>): Section {
  const at = (name: string, connections: number): Load =>
    results.get(`${name}|${connections}`) ?? {
      perSecond: Number.NaN,
      p50Ms: Number.NaN,
      p99Ms: Number.NaN,
    };
  const busy = { bare: at(bare, 32), ours: at(ours, 32) };
  const quiet = { bare: at(bare, 1), ours: at(ours, 1) };
  const ratio = busy.ours.perSecond / busy.bare.perSecond;
  const addedQuiet = quiet.ours.p50Ms - quiet.bare.p50Ms;
  const addedBusy = busy.ours.p50Ms - busy.bare.p50Ms;
  return {
    title: 'Issuing a token',
    method:
      `POST /token, client credentials to an ES256 JWT, ${ROUNDS} rounds of ${ROUND_SECONDS} s in turns, medians; both servers and the load generator share the machine's cores. ` +
      'Countersign appends to the log, journals the signature, and commits ledger row and event, each flushed to disk, before it answers; the peer writes nothing.',
    header: [
      '',
      'tokens/s, 32 connections',
      'p50 ms',
      'p99 ms',
      'tokens/s, 1 connection',
      'p50 ms',
      'p99 ms',
    ],
    rows: [bare, ours].map((name) => {
      const [many, one] = [at(name, 32), at(name, 1)];
      return {
        cells: [name, many.perSecond, many.p50Ms, many.p99Ms, one.perSecond, one.p50Ms, one.p99Ms],
      };
    }),
    goals: [
      {
        what: 'throughput at 32 connections',
        goal: '≥ 0.7×',
        measured: `${ratio.toFixed(2)}×`,
        met: ratio >= 0.7,
      },
      {
        what: 'added p50, 1 connection',
        goal: '< 5 ms',
        measured: `${addedQuiet.toFixed(1)} ms`,
        met: addedQuiet < 5,
      },
      {
        what: 'added p50, 32 connections',
        goal: '< 5 ms',
        measured: `${addedBusy.toFixed(1)} ms`,
        met: addedBusy < 5,
      },
      {
        what: 'added p99, 32 connections',
        goal: '< 25 ms',
        measured: `${(busy.ours.p99Ms - busy.bare.p99Ms).toFixed(1)} ms`,
        met: busy.ours.p99Ms - busy.bare.p99Ms < 25,
      },
    ],
    limit:
      'CPU of the provider process: oidc-provider itself needs 0.35–0.6 ms a token, and on two cores the load generator, the notary and the signer take the rest. ' +
      'Alone on a connection a token waits for three flushes of the disk, one after the other: log, journal, ledger.',
  };
}
