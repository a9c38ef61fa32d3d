import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkNode } from './check-node.ts';
import { describeOwnership } from './own-realms.ts';

const resources = {
  find: async (tenant: string, name: string) =>
    tenant === 'acme' && name === 'urn:api' ? {} : undefined,
};
const ownership = describeOwnership('https://id.example', { resources } as unknown as Parameters<
  typeof describeOwnership
>[1]);

describe('what is ours', () => {
  it('is an issuer of this installation, and nothing that only begins like one', () => {
    assert.equal(ownership.realmOfIssuer('https://id.example/acme/workforce'), 'acme/workforce');
    for (const issuer of [
      'https://id.example',
      'https://id.example/acme',
      'https://id.example/acme/staff',
      'https://id.example/acme/workforce/x',
      'https://id.example.evil/acme/workforce',
      'https://id.example/Acme/workforce',
    ]) {
      assert.equal(ownership.realmOfIssuer(issuer), undefined, issuer);
    }
  });

  it('is an audience of that tenant and of no other', async () => {
    assert.equal(await ownership.ownsAudience('acme', 'urn:api'), true);
    assert.equal(await ownership.ownsAudience('globex', 'urn:api'), false);
  });
});

describe('an old Node', () => {
  it('is refused with what to do', () => {
    checkNode('26.0.0');
    assert.throws(() => checkNode('20.20.2'), { code: 'node_too_old', message: /npm start/ });
  });
});
