// Section (b): /token with client credentials, receipts on and everything durable, against bare
// oidc-provider with its in-memory adapter; both alive in the same run, loaded in turns.

import { median } from '../measure.ts';
import type { Goal, Section } from '../report.ts';
import { type Load, loadEndpoint } from './load-endpoint.ts';
import { startBareProvider, startCountersign, type TokenEndpoint } from './run-server.ts';

const ROUNDS = 3;
const ROUND_SECONDS = 4;
const CONNECTIONS = [1, 32, 128, 256] as const;

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
  const ratioAt = (connections: number): number =>
    at(ours, connections).perSecond / at(bare, connections).perSecond;
  const addedAt = (connections: number, which: 'p50Ms' | 'p99Ms'): number =>
    at(ours, connections)[which] - at(bare, connections)[which];
  const added = (connections: number, which: 'p50Ms' | 'p99Ms', limit: number): Goal => {
    const measured = addedAt(connections, which);
    const what = `added ${which.slice(0, 3)}, ${connections} connection${connections === 1 ? '' : 's'}`;
    return {
      what,
      goal: `< ${limit} ms`,
      measured: `${measured.toFixed(1)} ms`,
      met: measured < limit,
    };
  };
  const throughput = CONNECTIONS.filter((connections) => connections > 1).map(
    (connections): Goal => {
      const ratio = ratioAt(connections);
      return {
        what: `throughput at ${connections} connections`,
        goal: '≥ 0.7×',
        measured: `${ratio.toFixed(2)}×`,
        met: ratio >= 0.7,
      };
    },
  );
  return {
    title: 'Issuing a token',
    method:
      `POST /token, client credentials to an ES256 JWT, ${ROUNDS} rounds of ${ROUND_SECONDS} s in turns, medians; both servers and the load generator share the machine's cores. ` +
      'Countersign appends to the log, journals the signature, and commits ledger row and event, each flushed to disk, before it answers; the peer writes nothing.',
    header: [
      '',
      ...CONNECTIONS.map(
        (connections) =>
          `${connections} connection${connections === 1 ? '' : 's'}: tokens/s, p50 / p99 ms`,
      ),
    ],
    rows: [bare, ours].map((name) => ({
      cells: [name, ...CONNECTIONS.map((connections) => show(at(name, connections)))],
    })),
    goals: [...throughput, added(1, 'p50Ms', 5), added(32, 'p50Ms', 5), added(32, 'p99Ms', 25)],
    limit:
      'A token passes three groups that each flush the disk, one after the other: log, journal, ledger. With few connections that wait is the limit and the processor is half idle; with many the groups are large and it is the processor: oidc-provider alone uses one core, we use both, of which signer and notary take about a third.',
  };
}

function show({ perSecond, p50Ms, p99Ms }: Load): string {
  return `${Math.round(perSecond).toLocaleString('en-US')}, ${p50Ms.toFixed(1)} / ${p99Ms.toFixed(1)}`;
}
