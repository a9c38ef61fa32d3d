// A spinner or a bar on standard error, for people only: drawn on a terminal, and only once
// something has taken longer than a moment.

import type { WriteStream } from 'node:tty';
import { printable } from './paint.ts';
import { Pace } from './tell-pace.ts';

export interface Progress {
  /** Says what is going on; replaces what was said before. */
  say(text: string): void;
  /** The same for work whose end is known: how much of it is done. Cheap enough for every step. */
  count(text: string, done: number, total: number): void;
  /** Wipes the line, so that other output can follow. */
  clear(): void;
}

export const quietProgress: Progress = { say: () => {}, count: () => {}, clear: () => {} };

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 90;
const PATIENCE_MS = 300;
const BAR_COLUMNS = 24;
const WIPE = '\r\x1b[2K';

export function terminalProgress(stream: WriteStream): Progress {
  let timer: NodeJS.Timeout | undefined;
  let text = '';
  let share: { done: number; total: number } | undefined;
  let startedMs = 0;
  let pace = new Pace();
  let drawn = false;
  const draw = (): void => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs < PATIENCE_MS) return;
    const frame = FRAMES[Math.floor(elapsedMs / FRAME_MS) % FRAMES.length] ?? '';
    const bar = share === undefined ? '' : `${drawBar(share.done, share.total)} `;
    const left = share === undefined ? '' : pace.left(elapsedMs, share.done, share.total);
    const line = `  ${frame} ${bar}${text} ${(elapsedMs / 1000).toFixed(1)} s${left}`;
    stream.write(WIPE + [...line].slice(0, (stream.columns || 80) - 1).join(''));
    drawn = true;
  };
  const begin = (next: string): void => {
    text = printable(next);
    startedMs = performance.now();
    pace = new Pace();
    timer ??= setInterval(draw, FRAME_MS).unref();
  };
  return {
    say: (next) => {
      share = undefined;
      begin(next);
    },
    count: (next, done, total) => {
      if (share === undefined || text !== printable(next)) begin(next);
      share = { done, total };
    },
    clear: () => {
      clearInterval(timer);
      timer = undefined;
      share = undefined;
      if (drawn) stream.write(WIPE);
      drawn = false;
    },
  };
}

/** `████████░░░░  41 %`, of constant width. */
export function drawBar(done: number, total: number): string {
  const part = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const full = Math.floor(part * BAR_COLUMNS);
  const percent = String(Math.floor(part * 100)).padStart(3);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)} ${percent} %`;
}
