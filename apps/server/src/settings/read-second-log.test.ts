import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSecondLog, type SecondLogSettings } from './read-second-log.ts';

const REMOTE = {
  secondLog: 'tls://log.example:4700',
  secondLogTls: 'tls',
  secondLogUrl: 'https://log.example/log/',
};
const read = (settings: SecondLogSettings) => readSecondLog(settings, '/srv/house');

describe('the settings of the second log', () => {
  it('name none, one beside the first, or one on another host', () => {
    assert.equal(read({}), undefined);
    assert.deepEqual(read({ secondLog: 'local' }), { kind: 'local' });
    assert.deepEqual(read(REMOTE), {
      ...{ kind: 'remote', host: 'log.example', port: 4700 },
      ...{ tls: '/srv/house/tls', url: 'https://log.example/log' },
    });
    const near = {
      ...REMOTE,
      secondLog: 'tls://[::1]:1',
      secondLogUrl: 'http://localhost:8080/log',
    };
    assert.deepEqual(read(near), {
      ...{ kind: 'remote', host: '::1', port: 1 },
      ...{ tls: '/srv/house/tls', url: 'http://localhost:8080/log' },
    });
  });

  it('stop the start when they cannot be meant', () => {
    const wrong: SecondLogSettings[] = [
      { secondLog: 'remote' },
      { secondLog: 'tls://log.example' },
      { ...REMOTE, secondLog: 'https://log.example:4700' },
      { ...REMOTE, secondLog: 'tls://log.example:0' },
      { ...REMOTE, secondLog: 'tls://log.example:70000' },
      { ...REMOTE, secondLogTls: undefined },
      { ...REMOTE, secondLogUrl: undefined },
      { ...REMOTE, secondLogUrl: 'http://log.example/log' },
      { ...REMOTE, secondLogUrl: 'https://u@log.example/log' },
      { ...REMOTE, secondLogUrl: 'https://log.example/log?x' },
      { ...REMOTE, secondLogUrl: 'nonsense' },
      { secondLog: 'local', secondLogUrl: 'https://log.example/log' },
      { secondLogTls: 'tls' },
    ];
    for (const settings of wrong)
      assert.throws(() => read(settings), { code: 'bad_setting' }, JSON.stringify(settings));
  });
});
