import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSigners, type SignerSettings } from './read-signers.ts';

const read = (settings: SignerSettings) => readSigners(settings, '/srv/house');

describe('the settings of the signers', () => {
  it('name one beside the server, a second beside it, or each on another host', () => {
    const local = { kind: 'local' };
    assert.deepEqual(read({}), { first: local, second: undefined });
    assert.deepEqual(read({ secondSigner: 'local' }), { first: local, second: local });
    assert.deepEqual(read({ secondSigner: 'tls://keys.example:4800', secondSignerTls: 'tls' }), {
      first: local,
      second: { kind: 'remote', host: 'keys.example', port: 4800, tls: '/srv/house/tls' },
    });
    const both = {
      ...{ signer: 'tls://[::1]:1', signerTls: '/a' },
      ...{ secondSigner: 'tls://[::1]:2', secondSignerTls: '/b' },
    };
    assert.deepEqual(read(both), {
      first: { kind: 'remote', host: '::1', port: 1, tls: '/a' },
      second: { kind: 'remote', host: '::1', port: 2, tls: '/b' },
    });
  });

  it('stop the start when they cannot be meant', () => {
    const wrong: SignerSettings[] = [
      { signer: 'remote' },
      { signer: '' },
      { signer: 'tls://keys.example:4800' },
      { signerTls: 'tls' },
      { secondSigner: 'tls://keys.example' },
      { secondSigner: 'https://keys.example:4800', secondSignerTls: 'tls' },
      { secondSigner: 'tls://keys.example:0', secondSignerTls: 'tls' },
      { secondSigner: 'tls://keys.example:70000', secondSignerTls: 'tls' },
      { secondSigner: 'tls://keys.example:4800' },
      { secondSigner: 'local', secondSignerTls: 'tls' },
      { secondSignerTls: 'tls' },
      {
        ...{ signer: 'tls://keys.example:4800', signerTls: 'tls' },
        ...{ secondSigner: 'tls://keys.example:4800', secondSignerTls: 'tls' },
      },
    ];
    for (const settings of wrong) {
      const why = { code: 'bad_setting', message: /^s\w+: / };
      assert.throws(() => read(settings), why, JSON.stringify(settings));
    }
  });
});
