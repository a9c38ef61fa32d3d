import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import type { WriteStream } from 'node:tty';
import { drawBar, terminalProgress } from './show-progress.ts';
import { Pace } from './tell-pace.ts';

describe('progress on a terminal', () => {
  it('is a bar of constant width, empty at nothing and full at all', () => {
    assert.equal(drawBar(0, 10), `${'░'.repeat(24)}   0 %`);
    assert.equal(drawBar(5, 10), `${'█'.repeat(12)}${'░'.repeat(12)}  50 %`);
    assert.equal(drawBar(10, 10), `${'█'.repeat(24)} 100 %`);
    assert.equal(drawBar(999, 1000).length, drawBar(0, 1000).length);
    assert.equal(drawBar(0, 0), drawBar(3, 2));
  });

  it('draws how much is done without starting over at each step, and wipes it', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    let nowMs = 0;
    const clock = mock.method(performance, 'now', () => nowMs);
    const written: string[] = [];
    const stream = { columns: 80, write: (text: string) => written.push(text) };
    try {
      const progress = terminalProgress(stream as unknown as WriteStream);
      for (let done = 0; done <= 100; done += 1) {
        nowMs += 10;
        progress.count('reading\u001b the log', done, 100);
        if (done % 9 === 0) mock.timers.tick(90);
      }
      assert.match(written.at(-1) ?? '', /█{23}░ {2}99 % reading\ufffd the log 1\.0 s$/);
      progress.clear();
      assert.equal(written.at(-1), '\r\x1b[2K');
      const count = written.length;
      mock.timers.tick(900);
      assert.equal(written.length, count);
    } finally {
      clock.mock.restore();
      mock.timers.reset();
    }
  });

  it('says how long the rest takes at the pace of late, once there is one', () => {
    const pace = new Pace();
    assert.equal(pace.left(0, 0, 1000), '');
    for (let second = 1; second <= 30; second += 1) pace.left(second * 1000, second * 10, 1000);
    assert.equal(pace.left(31_000, 310, 1000), ', 1 min left');
    // Ten times slower from here on: what was fast before is soon forgotten.
    for (let second = 32; second <= 60; second += 1)
      pace.left(second * 1000, 310 + (second - 31), 1000);
    assert.equal(pace.left(61_000, 340, 1000), ', 11 min left');
    assert.equal(pace.left(62_000, 990, 1000), ', a moment left');
    assert.equal(pace.left(70_000, 1000, 1000), '');
  });

  it('says nothing of what goes backwards or does not move', () => {
    const pace = new Pace();
    for (let second = 0; second < 30; second += 1)
      assert.equal(pace.left(second * 1000, 5, 1000), '');
    assert.equal(pace.left(40_000, 2, 1000), '');
  });
});
