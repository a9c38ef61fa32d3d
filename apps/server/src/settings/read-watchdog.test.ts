import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readWatchdog } from './read-watchdog.ts';

describe('settings of the watchdog', () => {
  it('are on by default, and seconds may come as text', () => {
    assert.deepEqual(readWatchdog({}), { everyMs: 10_000, webhook: undefined });
    assert.equal(readWatchdog({ watchdogEverySeconds: '2.5' }).everyMs, 2500);
    for (const webhook of ['https://pager.example/hook', 'http://127.0.0.1:9/hook'])
      assert.equal(readWatchdog({ watchdogWebhook: webhook }).webhook, webhook);
  });

  for (const given of [0, 0.1, 61, -1, Number.NaN, 'soon', '']) {
    it(`refuse to look every ${JSON.stringify(given)} seconds`, () => {
      assert.throws(() => readWatchdog({ watchdogEverySeconds: given }), { code: 'bad_setting' });
    });
  }

  for (const webhook of ['http://pager.example', 'ftp://x', 'no', 'https://a:b@pager.example']) {
    it(`refuse to tell ${webhook}`, () => {
      assert.throws(() => readWatchdog({ watchdogWebhook: webhook }), { code: 'bad_setting' });
    });
  }
});
