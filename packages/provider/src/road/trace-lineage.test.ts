import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemRandom } from '@countersign/vocabulary';
import type { EngineContext } from '../engine/oidc-provider.ts';
import { lineagePayload, rootAuthId, takeAccessJti, traceLineage } from './trace-lineage.ts';

const ISSUER = 'https://id.example/acme/workforce';

function contextWith(entities: Record<string, unknown>): EngineContext {
  return { oidc: { entities } } as unknown as EngineContext;
}

const own = () => 'own';

describe('lineage', () => {
  test('one sign-in has one root, another time or session or issuer another', () => {
    const root = rootAuthId(ISSUER, 'session', 1);
    assert.equal(rootAuthId(ISSUER, 'session', 1), root);
    assert.equal(Buffer.from(root, 'base64url').length, 16);
    for (const other of [
      rootAuthId(ISSUER, 'session', 2),
      rootAuthId(ISSUER, 'other', 1),
      rootAuthId(`${ISSUER}2`, 'session', 1),
    ]) {
      assert.notEqual(other, root);
    }
  });

  test('code, device code and refresh token of one sign-in lead to the same root', () => {
    const source = { sessionUid: 'session', authTime: 7 };
    const roots = ['AuthorizationCode', 'DeviceCode', 'RefreshToken'].map(
      (name) => traceLineage(ISSUER, contextWith({ [name]: source }), own).rootAuthId,
    );
    assert.deepEqual(new Set(roots), new Set([rootAuthId(ISSUER, 'session', 7)]));
  });

  test('a token for no person has a root of its own', () => {
    assert.deepEqual(traceLineage(ISSUER, contextWith({}), own), { rootAuthId: 'own' });
    assert.deepEqual(traceLineage(ISSUER, undefined, own), { rootAuthId: 'own' });
  });

  test('a refreshed token follows the access token of the refresh token that was used', () => {
    const used = { sessionUid: 'session', authTime: 7, accessJti: 'before' };
    const lineage = traceLineage(
      ISSUER,
      contextWith({ RefreshToken: used, RotatedRefreshToken: used }),
      own,
    );
    assert.equal(lineage.parentJti, 'before');
  });

  test('a refresh token knows its access token, whichever of the two is saved first', () => {
    const after = contextWith({ AccessToken: { jti: 'issued' } });
    assert.deepEqual(lineagePayload('RefreshToken', after, systemRandom), {
      accessJti: 'issued',
    });
    const before = contextWith({});
    const { accessJti } = lineagePayload('RefreshToken', before, systemRandom);
    assert.ok(accessJti);
    assert.equal(takeAccessJti(before, systemRandom), accessJti);
    assert.notEqual(takeAccessJti(before, systemRandom), accessJti);
  });

  test('other models carry nothing of it', () => {
    assert.deepEqual(lineagePayload('Grant', contextWith({}), systemRandom), {});
    assert.deepEqual(lineagePayload('RefreshToken', undefined, systemRandom), {});
  });
});
