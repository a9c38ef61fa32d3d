import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { waitForChildren } from './wait-for-children.ts';

const log = pino({ level: 'silent' });

describe('the start of the children', () => {
  it('waits through the first refusals', async () => {
    let asked = 0;
    const child = {
      ready: async () => {
        asked += 1;
        if (asked < 3) throw new Error('not yet');
      },
    };
    await waitForChildren(log).ready([child]);
    assert.equal(asked, 3);
  });

  it('gives up with the last words of a child that keeps dying', async () => {
    const children = waitForChildren(log);
    const child = {
      ready: async () => {
        children.log.line('signer', 'wrong passphrase');
        children.log.exit('signer', 78, null);
        throw new Error('gone');
      },
    };
    await assert.rejects(children.ready([child]), {
      code: 'child_failed',
      message: /signer.*wrong passphrase/,
    });
  });
});
