// What the tenant can show to others: a bundle that proves, offline, that nothing was left out or changed.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claim, type Found } from '../src/stage/tell-story.ts';
import type { Typed } from '../src/stage/type-command.ts';
import type { House } from './stage.ts';

const BUNDLE = 'acme.evidence';
const ANCHORED_WITHIN_MS = 40_000;
const LOOK_EVERY_MS = 1000;

/** Until the log has anchored what was brought in: at most ten seconds, unless the machine is busy. */
export async function takeEvidence(house: House, atLeast: number): Promise<Found<void>> {
  const pinned = await house.type('log', 'policy', '--out', 'policy.txt');
  claim(pinned.exitCode === 0, `No policy of the log: ${pinned.complaint}`);
  const deadlineMs = performance.now() + ANCHORED_WITHIN_MS;
  for (let take = 1; ; take += 1) {
    const name = take === 1 ? BUNDLE : `${BUNDLE}.${take}`;
    const taken = await house.type('audit', 'export', '--format', 'bundle', '--output', name);
    claim(taken.exitCode === 0, `No bundle: ${JSON.stringify(taken.json)}`);
    const verdict = await verify(house, name);
    claim(verdict.exitCode === 0, `The bundle does not hold: ${JSON.stringify(verdict.json)}`);
    claim(verdict.json['proven'] === true, 'No log vouches for the bundle.');
    const count = Number(verdict.json['count']);
    if (count >= atLeast) {
      writeFileSync(join(house.desk, BUNDLE), readFileSync(join(house.desk, name)));
      return {
        detail: `countersign audit verify: ${count} events, ${String(verdict.json['verdict'])}, anchored in the log; asked of nobody`,
        value: undefined,
      };
    }
    claim(performance.now() < deadlineMs, `Only ${count} of ${atLeast} events are anchored.`);
    await sleep(LOOK_EVERY_MS);
  }
}

export async function breakEvidence(house: House): Promise<Found<void>> {
  const text = readFileSync(join(house.desk, BUNDLE), 'utf8');
  claim(text.includes('<cable@acme.example>'), 'The bundle does not name the mail that was read.');
  const forged = text.replace('<cable@acme.example>', '<table@acme.example>');
  const lines = text.trimEnd().split('\n');
  const events = lines.filter((line) => line.startsWith('e ')).length;
  const cut = lines.slice(0, -Math.ceil(events / 2)).join('\n');
  const told: string[] = [];
  for (const [name, content, expected] of [
    ['forged', forged, ['invalid']],
    ['cut', `${cut}\n`, ['truncated_tail', 'missing', 'invalid']],
  ] as const) {
    const file = `${name}.evidence`;
    writeFileSync(join(house.desk, file), content);
    const { exitCode, json } = await verify(house, file);
    const verdict = String(json['verdict']);
    claim(exitCode === 1, `A ${name} bundle ended with ${exitCode}.`);
    claim(
      (expected as readonly string[]).includes(verdict),
      `A ${name} bundle is called ${verdict}.`,
    );
    told.push(verdict);
  }
  return {
    detail: `one letter of one mail's id: ${told[0]}; half of the events left out: ${told[1]}`,
    value: undefined,
  };
}

function verify(house: House, name: string): Promise<Typed> {
  return house.type('audit', 'verify', name, '--policy', 'policy.txt');
}
