// Waits for what a real house does in its own time.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/** @param what ends the sentence "waited in vain until …" */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
): Promise<void> {
  for (const deadlineMs = performance.now() + PATIENCE_MS; ; await sleep(50)) {
    if (await condition()) return;
    assert.ok(performance.now() < deadlineMs, `waited in vain until ${what}`);
  }
}
