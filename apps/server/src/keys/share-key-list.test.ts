import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shareKeyList } from './share-key-list.ts';

function open(tookMs: number) {
  const room = { nowMs: 0, reads: 0, away: false };
  const recent = shareKeyList(
    {
      list: async () => {
        room.reads += 1;
        await undefined;
        room.nowMs += tookMs;
        if (room.away) throw new Error('signer away');
        return [];
      },
    },
    () => room.nowMs,
  );
  return { room, recent };
}

describe('the list of keys that everybody may ask for', () => {
  it('is read once for all who ask at the same time, and again when it is old', async () => {
    const { room, recent } = open(10);
    await Promise.all([recent(), recent(), recent()]);
    room.nowMs += 1999;
    await recent();
    assert.equal(room.reads, 1);
    room.nowMs += 1;
    await recent();
    assert.equal(room.reads, 2);
  });

  it('is read the more seldom the longer it takes, so that asking cannot wear the signer out', async () => {
    const { room, recent } = open(3000);
    await recent();
    room.nowMs += 26_999;
    await recent();
    assert.equal(room.reads, 1);
    room.nowMs += 1;
    await recent();
    assert.equal(room.reads, 2);
  });

  it('is asked for again at once after it could not be read', async () => {
    const { room, recent } = open(10);
    room.away = true;
    await assert.rejects(recent());
    room.away = false;
    assert.deepEqual(await recent(), []);
    assert.equal(room.reads, 2);
  });
});
