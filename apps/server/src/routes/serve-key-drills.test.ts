import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeyView } from '@countersign/provider';
import { type CountersignEvent, ManualClock } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import { operatorOnly } from './authenticate.ts';
import { drillRoutes } from './serve-key-drills.ts';

const TOKEN = 'operator-token-of-this-very-test';
const ISSUER = 'https://id.example/drill/device';
const key = (kid: string, state: KeyView['state']) =>
  ({ kid, state, issuer: ISSUER, tenant: 'drill', population: 'device', alg: 'ES256' }) as KeyView;

function open() {
  const events: CountersignEvent[] = [];
  const keys = [key('dead', 'revoked'), key('alive', 'active')];
  const app = new Hono().route(
    '/',
    drillRoutes({
      keyLives: { list: async (issuer) => keys.filter((one) => one.issuer === issuer) },
      audit: {
        record: async (given: readonly CountersignEvent[]) => {
          events.push(...given);
          return [];
        },
      },
      clock: new ManualClock(1000),
      operatorOnly: operatorOnly(TOKEN),
    }),
  );
  app.onError((error, context) => answerProblem(context, error, () => undefined));
  const send = async (body: unknown, token = TOKEN) =>
    (
      await app.request('/key-drills', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      })
    ).status;
  return { events, send };
}

const result = {
  ...{ issuer: ISSUER, kid: 'dead', verifiers: 4, secondsToLastAcceptance: 4.24242, passed: true },
};

describe('C-14 a drill of the kill switch', () => {
  it('is on record with who held it and how long the key lived on', async () => {
    const { events, send } = open();
    assert.equal(await send(result), 201);
    assert.deepEqual(events, [
      {
        name: 'key.drilled',
        timeMs: 1000,
        realm: 'drill/device',
        subject: 'operator',
        token: { kind: 'other', kid: 'dead', issuer: ISSUER, alg: 'ES256' },
        request: {},
        extra: { verifiers: 4, secondsToLastAcceptance: 4.242, passed: true },
      },
    ]);
  });

  it('is not recorded of a key that was not revoked, or not ours, or by a stranger', async () => {
    const { events, send } = open();
    assert.equal(await send({ ...result, kid: 'alive' }), 404);
    assert.equal(await send({ ...result, kid: 'other' }), 404);
    assert.equal(await send({ ...result, issuer: `${ISSUER}2` }), 404);
    assert.equal(await send(result, 'not-the-operator-token-of-this-test'), 401);
    assert.deepEqual(events, []);
  });

  it('is a result that can be', async () => {
    const { send } = open();
    for (const wrong of [
      { verifiers: 0 },
      { verifiers: 1.5 },
      { secondsToLastAcceptance: -1 },
      { secondsToLastAcceptance: null },
      { passed: 'yes' },
      { more: 1 },
    ]) {
      assert.equal(await send({ ...result, ...wrong }), 400, JSON.stringify(wrong));
    }
  });
});
