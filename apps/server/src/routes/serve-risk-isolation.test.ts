// Every route of risk with every kind of credential: what is another tenant's, or another person's, is not
// there, and who may only read changes nothing.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  attemptOf,
  OPERATOR_TOKEN,
  openRiskHouse,
  REALM,
  type RiskTestHouse,
} from '../testing/open-risk-house.ts';

const WHO = ['operator', 'manager', 'reader', 'responder', 'ana', 'foreign', 'nobody'] as const;
type Who = (typeof WHO)[number];

/** `BEN` and `ANA` are people of acme, `of-ben` and `of-ana` what was judged of them. */
const ROUTES: [method: string, path: string, body: object | undefined, status: string][] = [
  ['GET', '/risk/assessments?tenant=acme', undefined, '200 200 200 200 200 403 401'],
  ['GET', '/risk/assessments?tenant=umbrella', undefined, '200 403 403 403 403 200 401'],
  ['GET', '/risk/assessments/of-ben', undefined, '200 200 200 200 404 404 401'],
  ['GET', '/risk/assessments/of-ana', undefined, '200 200 200 200 200 404 401'],
  ['GET', '/risk/standings?tenant=acme', undefined, '200 200 200 200 200 403 401'],
  ['GET', '/risk/people/acme/customer/BEN', undefined, '200 200 200 200 404 403 401'],
  ['GET', '/risk/people/acme/customer/ANA', undefined, '200 200 200 200 200 403 401'],
  ['GET', '/risk/people/acme/partner/ANA', undefined, '200 200 200 200 404 403 401'],
  ['GET', '/risk/people/umbrella/customer/BEN', undefined, '200 403 403 403 403 200 401'],
  ['GET', '/risk/people/acme/nowhere/BEN', undefined, '400 400 400 400 400 400 401'],
  ['GET', '/risk/policy?tenant=acme', undefined, '200 200 200 200 403 403 401'],
  ['POST', '/risk/simulations', { tenant: 'acme' }, '200 200 200 200 403 403 401'],
  ['POST', '/risk/simulations', { tenant: 'umbrella' }, '200 403 403 403 403 200 401'],
  ['GET', '/risk/model', undefined, '200 401 401 401 401 401 401'],
  ['PUT', '/risk/model', { role: 'challenger', model: 'AA==' }, '400 401 401 401 401 401 401'],
  ['DELETE', '/risk/model', { role: 'challenger' }, '404 401 401 401 401 401 401'],
  [
    ...(['POST', '/risk/feedback'] as const),
    { assessment: 'of-ben', verb: 'dismiss' },
    '200 200 403 403 404 404 401',
  ],
  [
    ...(['POST', '/risk/rollback'] as const),
    { realm: REALM, subject: 'BEN', beforeMs: 1_795_289_400_000 },
    '200 200 403 403 403 403 401',
  ],
  [
    ...(['PUT', '/risk/policy?tenant=acme'] as const),
    { version: 1, name: 'p', rules: [{ name: 'r', when: { level: 'high' }, action: 'deny' }] },
    '200 200 403 403 403 403 401',
  ],
  ['DELETE', '/risk/people/acme/customer/BEN', undefined, '200 200 403 403 404 403 401'],
  ['DELETE', '/risk/people/acme/customer/ANA', undefined, '200 200 403 403 403 403 401'],
];

describe('what is judged and thought of people', () => {
  let house: RiskTestHouse;
  const credentials = {} as Record<Who, string>;
  const people: Record<string, string> = {};

  async function give(who: Who, given: object): Promise<void> {
    const made = await house.directory.readers.create(
      { name: 'Someone', by: 'operator first', ...given } as never,
      () => async () => undefined,
    );
    credentials[who] = made.credential;
  }

  before(async () => {
    house = await openRiskHouse();
    for (const username of ['ana', 'ben']) {
      const person = { realm: REALM, username, password: 'correct horse 9' };
      const { id } = await house.directory.people.create(person);
      people[username.toUpperCase()] = id;
      await house.risk.gate.judge(attemptOf(house.clock, { id: `of-${username}`, subject: id }));
    }
    Object.assign(credentials, { operator: OPERATOR_TOKEN, nobody: 'nonsense' });
    const expiresMs = house.clock.nowMs() + 3_600_000;
    await give('manager', { kind: 'tenant', tenant: 'acme', manage: true });
    await give('reader', { kind: 'tenant', tenant: 'acme' });
    await give('responder', { kind: 'responder', tenant: 'acme', reason: 'incident', expiresMs });
    await give('ana', { kind: 'person', tenant: 'acme', subject: people['ANA'], realm: REALM });
    await give('foreign', { kind: 'tenant', tenant: 'umbrella', manage: true });
  });
  after(() => house.close());

  const named = (text: string) => text.replace(/\b(?:ANA|BEN)\b/g, (name) => people[name] ?? '');

  for (const [method, path, body, expected] of ROUTES) {
    const said = body === undefined ? '' : ` ${JSON.stringify(body).slice(0, 60)}`;
    test(`${method} ${path}${said}: ${expected}`, async () => {
      const found: number[] = [];
      for (const who of WHO) {
        const sent = body && (JSON.parse(named(JSON.stringify(body))) as object);
        found.push((await house.ask(named(path), credentials[who], method, sent)).status);
      }
      assert.equal(found.join(' '), expected);
      assert.deepEqual(house.unexpected, []);
    });
  }
});
