import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import type { WriteStream } from 'node:tty';
import { drawBar, terminalProgress } from './show-progress.ts';

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
});
