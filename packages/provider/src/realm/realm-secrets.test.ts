import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deriveRealmSecrets, requireStrongSecrets } from './realm-secrets.ts';

const master = (fill: number) => Buffer.alloc(32, fill);

describe('the secrets of a realm', () => {
  test('come from a master of at least 32 bytes', () => {
    assert.throws(() => requireStrongSecrets({ current: Buffer.alloc(31) }), {
      code: 'secret_too_short',
    });
    assert.throws(() => requireStrongSecrets({ current: master(1), previous: [Buffer.alloc(1)] }), {
      code: 'secret_too_short',
    });
    requireStrongSecrets({ current: master(1), previous: [master(2)] });
  });

  test('are the same each time, and different for each realm, purpose and master', () => {
    const all = (current: Buffer, realm: 'acme/device' | 'acme/partner') => {
      const secrets = deriveRealmSecrets({ current }, realm);
      return [
        ...secrets.cookieKeys,
        secrets.dpopNonceSecret.toString('base64url'),
        secrets.formKey.toString('base64url'),
        secrets.referenceKey.toString('base64url'),
      ];
    };
    assert.deepEqual(all(master(1), 'acme/device'), all(master(1), 'acme/device'));
    const drawn = [
      ...all(master(1), 'acme/device'),
      ...all(master(1), 'acme/partner'),
      ...all(master(2), 'acme/device'),
    ];
    assert.equal(new Set(drawn).size, drawn.length);
  });

  test('a replaced master still verifies cookies, but signs none', () => {
    const before = deriveRealmSecrets({ current: master(1) }, 'acme/device');
    const after = deriveRealmSecrets({ current: master(2), previous: [master(1)] }, 'acme/device');
    assert.equal(after.cookieKeys[1], before.cookieKeys[0]);
    assert.notEqual(after.cookieKeys[0], before.cookieKeys[0]);
  });
});
