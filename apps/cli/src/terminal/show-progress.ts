// A spinner on standard error, for people only: drawn on a terminal, and only once something has
// taken longer than a moment.

import type { WriteStream } from 'node:tty';
import { printable } from './paint.ts';

export interface Progress {
  /** Says what is going on; replaces what was said before. */
  say(text: string): void;
  /** Wipes the line, so that other output can follow. */
  clear(): void;
}

export const quietProgress: Progress = { say: () => {}, clear: () => {} };

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 90;
const PATIENCE_MS = 300;
const WIPE = '\r\x1b[2K';

export function terminalProgress(stream: WriteStream): Progress {
  let timer: NodeJS.Timeout | undefined;
  let text = '';
  let startedMs = 0;
  let drawn = false;
  const draw = (): void => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs < PATIENCE_MS) return;
    const frame = FRAMES[Math.floor(elapsedMs / FRAME_MS) % FRAMES.length] ?? '';
    const line = `  ${frame} ${text} ${(elapsedMs / 1000).toFixed(1)} s`;
    stream.write(WIPE + [...line].slice(0, (stream.columns || 80) - 1).join(''));
    drawn = true;
  };
  return {
    say: (next) => {
      text = printable(next);
      startedMs = performance.now();
      timer ??= setInterval(draw, FRAME_MS).unref();
    },
    clear: () => {
      clearInterval(timer);
      timer = undefined;
      if (drawn) stream.write(WIPE);
      drawn = false;
    },
  };
}
