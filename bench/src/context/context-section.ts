// Section: what it costs to know what surrounds a request: the network data read at a start, an address
// looked up, and the whole description with a user agent that was met before, and with a new one.

import { readFileSync, statSync } from 'node:fs';
import {
  type Address,
  decodeNetworks,
  describeSurroundings,
  parseAddress,
  SHIPPED_NETWORK_DATA,
} from '@countersign/context';
import { seededRandom } from '@countersign/vocabulary';
import { measureInTurns } from '../measure.ts';
import type { Section } from '../report.ts';

const PLAN = { rounds: 7, roundMs: 400 };
const MADE = 20_000;
const USUAL_AGENTS = 500;
const HINTS = {
  'sec-ch-ua': '"Chromium";v="129", "Not=A?Brand";v="8", "Google Chrome";v="129"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Windows"',
};

export async function contextSection(): Promise<Section> {
  const file = readFileSync(SHIPPED_NETWORK_DATA);
  const networks = decodeNetworks(file);
  const texts = addressTexts();
  const addresses = texts.map((text) => parseAddress(text)).filter((one) => one !== undefined);
  const nowMs = Date.now();
  let agents = 0;
  const describe = (turn: number, agent: number) =>
    describeSurroundings(
      {
        ...{ ip: texts[turn % MADE] ?? '', userAgent: agentText(agent) },
        ...{ language: 'nb-NO,nb;q=0.9,en;q=0.8', hints: HINTS },
      },
      { networks, nowMs },
    );
  const times = (work: (turn: number) => unknown) => (count: number) => {
    for (let turn = 0; turn < count; turn += 1) work(turn);
  };
  const timings = await measureInTurns(
    [
      { name: 'network data read', run: times(() => decodeNetworks(file)) },
      {
        name: 'address looked up',
        run: times((turn) => networks.find(addresses[turn % MADE] as Address)),
      },
      {
        name: 'described, user agent met before',
        run: times((turn) => describe(turn, turn % USUAL_AGENTS)),
      },
      {
        name: 'described, new user agent',
        run: times((turn) => {
          agents += 1;
          return describe(turn, USUAL_AGENTS + agents);
        }),
      },
    ],
    PLAN,
  );
  const [read = 0, looked = 0, described = 0] = timings.map(
    ({ cpuMicroseconds }) => cpuMicroseconds,
  );
  const goal = (what: string, most: number, unit: string, value: number) => ({
    ...{ what, goal: `< ${most} ${unit}`, measured: `${value.toFixed(2)} ${unit}` },
    met: value < most,
  });
  return {
    title: 'What surrounds a request',
    method: `The network data that is committed (${(statSync(SHIPPED_NETWORK_DATA).size / 2 ** 20).toFixed(2)} MiB), ${MADE.toLocaleString('en-US')} addresses drawn over all of IPv4, four client hints. New user agents are each met once, so that the memory of them is full and of no use. Processor time of all threads.`,
    header: ['', 'processor µs', 'wall µs', 'slowest / fastest round'],
    rows: timings.map(({ name, cpuMicroseconds, wallMicroseconds, spread }) => ({
      cells: [name, cpuMicroseconds, wallMicroseconds, spread],
    })),
    goals: [
      goal('network data read at a start', 30, 'ms', read / 1000),
      goal('address looked up', 2, 'µs', looked),
      goal('described, user agent met before', 20, 'µs', described),
    ],
    limit:
      'Reading is unpacking: 10.7 MB of columns that are searched as they lie. A look-up is two binary searches of twenty steps and the making of a name. A description is mostly regular expressions over hints and language; a new user agent adds those of bowser.',
  };
}

function addressTexts(): string[] {
  const random = seededRandom(6);
  return Array.from({ length: MADE }, () => [...random.bytes(4)].join('.'));
}

function agentText(number: number): string {
  return `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + (number % 40)}.0.${number}.0 Safari/537.36`;
}
