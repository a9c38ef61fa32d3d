import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Audit, RevocationTarget } from '@countersign/audit';
import { type CountersignEvent, ManualClock } from '@countersign/vocabulary';
import { answerProblem } from '../problem.ts';
import { operatorOnly } from './authenticate.ts';
import { recordRoutes } from './serve-record.ts';

const TOKEN = 'operator-token-of-this-very-test';
const FIRST = 'id.example/log';
const SECOND = 'second.example/log';

const journal = (lastNumber: number) => ({ entries: [], lastNumber });
const SIZES = { durableSize: 9, publishedSize: 8 };
type ReadJournal = () => Promise<ReturnType<typeof journal>>;

/** Two findings about tenants, one about none. */
const FINDINGS = [
  { uid: 'f1', tenant: 'acme', tokenHash: 'h1', kid: 'k', issuer: 'i', happenedMs: 1 },
  { uid: 'f2', tenant: undefined, tokenHash: undefined, kid: 'k', issuer: 'i', happenedMs: 1 },
];

function openRoutes(logOrigins: readonly string[], journals: readonly ReadJournal[] = []) {
  const targets: RevocationTarget[] = [];
  const recorded: CountersignEvent[] = [];
  const audit = {
    record: async (events: CountersignEvent[]) => {
      recorded.push(...events);
      return events.map(() => 'uid');
    },
    listFindings: async () => FINDINGS,
    listQuarantined: async () => [],
    findEvidence: async () => ({ token: 'forged' }),
    logOrigins,
    revoke: async ({ target }: { target: RevocationTarget }) => targets.push(target),
    readProgress: async () => ({}),
  } as unknown as Audit;
  const routes = recordRoutes({
    ...{
      audit,
      clock: new ManualClock(),
      feed: { refresh: async () => undefined },
      operatorOnly: operatorOnly(TOKEN),
    },
    signer: { status: () => assert.fail('not asked'), readJournal: async () => journal(7) },
    anchors: { made: async () => 3 },
    signers: {
      names: ['first', 'second', 'third'].slice(0, journals.length + 1),
      more: journals.map((readJournal, at) => ({
        ...{ name: `${at + 2}`, readJournal, readAccess: () => assert.fail('not asked') },
      })),
    },
    logs: { all: [{}], first: { notary: { size: async () => SIZES } } } as never,
  });
  routes.onError((error, context) => answerProblem(context, error, () => undefined));
  const revoke = async (body: object) => {
    const answer = await routes.request('/revocations', {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const reconciliation = async (): Promise<unknown> => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    return (await routes.request('/reconciliation', { headers })).json();
  };
  const get = async (path: string, reason?: string): Promise<number> => {
    const more: Record<string, string> =
      reason === undefined ? {} : { 'countersign-reason': reason };
    const headers = { authorization: `Bearer ${TOKEN}`, ...more };
    return (await routes.request(path, { headers })).status;
  };
  return { revoke, targets, reconciliation, get, recorded };
}

describe('findings and evidence', () => {
  it('that staff look at are reads of the tenant they are about, which is shown who and why', async () => {
    const { get, recorded } = openRoutes([FIRST]);
    assert.equal(await get('/findings'), 200);
    assert.equal(await get('/findings/f1/evidence', 'INC-7'), 200);
    assert.deepEqual(
      recorded.map(({ name, tenant, operation, count, actor }) => ({
        ...{ name, tenant, operation, count, reason: actor?.reason },
      })),
      [
        {
          ...{ name: 'audit.read', tenant: 'acme', operation: 'findings', count: 1 },
          reason: undefined,
        },
        {
          ...{ name: 'audit.read', tenant: 'acme', operation: 'evidence', count: 1 },
          reason: 'INC-7',
        },
      ],
    );
    // Whoever waits for the next finding asks again and again, and has seen this one.
    assert.equal(await get('/findings'), 200);
    assert.equal(recorded.length, 2);
  });
});

describe('the reconciliation', () => {
  it('counts what was signed by each signer, and says so when one is away', async () => {
    const second = async () => journal(5);
    const away = () => Promise.reject(new Error('away'));
    const sizes = { logged: 9, published: 8 };
    for (const [journals, signed, third] of [
      [[second, second], 17, 5],
      [[second, away], null, null],
    ] as const) {
      assert.deepEqual(await openRoutes([FIRST], journals).reconciliation(), {
        ...{ signed, ...sizes, anchors: 3 },
        signers: [
          { name: 'first', signed: 7 },
          { name: 'second', signed: 5 },
          { name: 'third', signed: third },
        ],
      });
    }
  });
});

describe('a revocation by place', () => {
  it('needs no name of the log where there is one', async () => {
    for (const origins of [[], [FIRST]]) {
      const { revoke, targets } = openRoutes(origins);
      assert.equal((await revoke({ logIndex: 7 })).status, 200);
      assert.deepEqual(targets, [{ logIndex: 7 }]);
    }
  });

  it('is refused without the name where there are several: the same index is in each', async () => {
    const { revoke, targets } = openRoutes([FIRST, SECOND]);
    const { status, text } = await revoke({ logIndex: 7 });
    assert.equal(status, 400);
    assert.match(text, /logOrigin.*bad_request/);
    assert.equal((await revoke({ logIndex: 7, logOrigin: SECOND })).status, 200);
    assert.deepEqual(targets, [{ logIndex: 7, logOrigin: SECOND }]);
  });

  it('is refused for a log that is none of ours, instead of ending nothing', async () => {
    for (const origins of [[FIRST], [FIRST, SECOND]]) {
      const { revoke, targets } = openRoutes(origins);
      const { status, text } = await revoke({ logIndex: 7, logOrigin: 'stranger.example/log' });
      assert.equal(status, 404);
      assert.match(text, /logOrigin.*not_found/);
      assert.deepEqual(targets, []);
    }
  });
});
