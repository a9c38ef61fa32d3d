// The risk engine of a house over real rooms in memory, with its routes. Where an address is stands in a
// small table, and one detection fires for what comes from Latvia: what is tried here is what follows.

import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import type { Surroundings } from '@countersign/context';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { type MemoryTables, memoryMigrations } from '@countersign/memory';
import type { Detection, RiskInput } from '@countersign/risk';
import { openStore, type Store } from '@countersign/storage';
import {
  type Attempt,
  ManualClock,
  type RealmId,
  type RequestSurroundings,
  systemRandom as random,
} from '@countersign/vocabulary';
import { Hono } from 'hono';
import { pino } from 'pino';
import { answerProblem } from '../problem.ts';
import { endRiskySignIns } from '../risk/end-risky-sign-ins.ts';
import { openRisk } from '../risk/open-risk.ts';
import { operatorOnly } from '../routes/authenticate.ts';
import { readerOnly } from '../routes/authenticate-reader.ts';
import { riskRoutes } from '../routes/build-risk-routes.ts';
import { readRisk } from '../settings/read-risk.ts';

export const OPERATOR_TOKEN = 'operator-token-of-this-very-test';
export const REALM: RealmId = 'acme/customer';
type Tables = AuditTables & DirectoryTables & MemoryTables;

const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

function describe({ ip, userAgent }: RequestSurroundings): Surroundings {
  const country = ip?.startsWith('198.51.100.') ? 'LV' : 'NO';
  return {
    ...(ip === undefined
      ? {}
      : {
          address: { text: ip, net: `${ip.replace(/\d+$/, '0')}/24`, version: 4, scope: 'public' },
        }),
    ...{ country, asn: country === 'NO' ? 2119 : 12578, hosting: false },
    ...(userAgent === undefined
      ? {}
      : {
          agent: { text: userAgent, browser: 'Chrome', browserVersion: '141', device: 'desktop' },
        }),
    implausible: [],
    missing: ip === undefined ? ['no_address'] : [],
    data: { stale: false },
  };
}

function detect({ labels }: RiskInput): Detection[] {
  if (labels.country !== 'LV') return [];
  const sentence = 'Seen from Latvia.';
  return [{ code: 'test_latvia', entra: 'newCountry', tail: 0.0005, sentence, facts: { n: 1 } }];
}

export type RiskTestHouse = Awaited<ReturnType<typeof openRiskHouse>>;

/** @param path Without one it is gone after close. */
export async function openStoreForRisk(clock: ManualClock, path?: string): Promise<Store<Tables>> {
  const migrations = [...directoryMigrations, ...auditMigrations, ...memoryMigrations];
  const place = path === undefined ? ({ memory: true } as const) : { path };
  return await openStore<Tables>({ ...place, migrations, clock });
}

/** With the tenants `acme` and `umbrella`. A store that is handed in is another life of the same house. */
export async function openRiskHouse(
  clock = new ManualClock(1_795_289_400_000),
  given?: Store<Tables>,
) {
  const store = given ?? (await openStoreForRisk(clock));
  const product = { name: 'countersign', version: '0.1.0' };
  const audit = createAudit({ store, clock, random, product });
  const passwords = { cost: { memoryKib: 64, passes: 1 } };
  const directory = createDirectory({ store, clock, random, passwords });
  if (given === undefined) {
    for (const name of ['acme', 'umbrella']) await directory.tenants.create({ name });
  }
  let factors = 0;
  const enrolled = new Map<string, number>();
  const risk = await openRisk({
    ...{ settings: readRisk({}, '/'), store, audit, clock, random, describe },
    secret: new Uint8Array(32).fill(5),
    log: pino({ level: 'silent' }),
    countFactors: async () => factors,
    enrolledMs: async (_realm, _subject, id) => enrolled.get(id),
    canSignIn: async (_realm, subject) => !subject.startsWith('gone-'),
    hasServers: async (_realm, clientId) => clientId.endsWith('-server'),
  });
  risk.engine.engine.parts.detect = detect;
  const ended: string[] = [];
  const endSignIns = async (realm: RealmId, subject: string) => {
    ended.push(`${realm} ${subject}`);
    return { sessions: 1, grants: 1 };
  };
  const follow = endRiskySignIns(risk.house, { endSignIns });
  const { operators, readers } = directory;
  const unexpected: unknown[] = [];
  const routes = riskRoutes({
    ...{ risk, audit, clock },
    operatorOnly: operatorOnly(OPERATOR_TOKEN, operators),
    readerOnly: readerOnly({ operatorToken: OPERATOR_TOKEN, operators, readers }),
  });
  const app = new Hono().route('/', routes);
  app.onError((error, context) => answerProblem(context, error, (one) => unexpected.push(one)));
  const ask = async (path: string, credential: string, method = 'GET', body?: object) => {
    const answer = await app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        'content-type': 'application/json',
        'countersign-reason': 'test',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return {
    ...{ store, clock, audit, directory, risk, ended, follow, ask, unexpected, enrolled },
    setFactors: (count: number) => {
      factors = count;
    },
    events: async (...names: Parameters<typeof audit.listEvents>[0]['names'] & {}) =>
      await audit.listEvents({ afterSequence: 0, limit: 500, names }),
    close: async () => {
      await risk.close();
      await store.close();
    },
  };
}

let made = 0;

export function attemptOf(
  clock: ManualClock,
  { ip = '192.0.2.7', ...more }: Partial<Attempt> & { ip?: string } = {},
): Attempt {
  made += 1;
  return {
    ...{ id: `at-${made}`, kind: 'sign_in', timeMs: clock.nowMs(), realm: REALM },
    ...{ subjectKind: 'person', subject: 'p-1', clientId: 'shop', outcome: 'success' },
    methods: ['pwd'],
    surroundings: { ip, userAgent: AGENT },
    ...more,
  };
}
