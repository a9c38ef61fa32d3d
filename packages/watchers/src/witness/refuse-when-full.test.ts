import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UncertainWrite } from '../disk/durable-file.ts';
import { asRefusal } from './refuse-when-full.ts';

const diskError = (code: string) => Object.assign(new Error(code), { code });

describe('a failing disk', () => {
  it('is a refusal that passes when it is only full', () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      assert.throws(() => asRefusal(diskError(code)), { code: 'store_full' });
    }
  });

  it('ends the signing when anything else is wrong, or what it holds is unknown', () => {
    const io = diskError('EIO');
    assert.throws(() => asRefusal(io), io);
    const uncertain = new UncertainWrite('logs/x', diskError('ENOSPC'));
    assert.throws(() => asRefusal(uncertain), uncertain);
  });
});
