// The gate finds the keys, holds the dump back and names them; the server has it on record, which is the
// alarm: who made the dump has the keys, whatever became of the file.

import { readdirSync } from 'node:fs';
import type { RecordedEvent } from '../src/stage/operator.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { passGate } from './pass-gate.ts';
import type { MailServer } from './stage.ts';
import { DUMP } from './take-dump.ts';

export interface Blocked {
  kids: string[];
  alarm: { raised: true; secondsToAlarm: number; kid: string };
}

export async function blockDump(
  stage: Stage,
  mail: MailServer,
  droppedMs: number,
): Promise<Found<Blocked>> {
  const { operator, gate, genuine } = mail;
  const { passed, exitCode } = await passGate(mail);
  const [only] = passed;
  claim(exitCode === 1 && passed.length === 1, `The gate ended with ${exitCode}.`);
  claim(only?.outcome === 'blocked', 'The dump was let out.');
  claim(only.reason === 'live_key', `The dump was held back for another reason: ${only.reason}.`);
  const kid = String(genuine.header['kid']);
  claim(only.kids.includes(kid), 'The gate does not name the key that signed our token.');
  claim(readdirSync(gate.released).length === 0, 'Something was released.');
  const blocked = await operator.events('dump.blocked');
  const secondsToAlarm = Math.round(performance.now() - droppedMs) / 1000;
  claim(blocked.length === 1 && tells(blocked[0], DUMP), 'The record does not tell of the dump.');
  const access = await operator.events('key.access');
  for (const each of only.kids)
    claim(
      access.some((event) => tells(event, each)),
      `The record does not tell of key ${each}.`,
    );
  const alarm = { raised: true, secondsToAlarm, kid } as const;
  stage.note({ alarm: { ...alarm, quarantined: false } });
  return {
    detail: `${only.findings} secrets of ${only.kids.length} live keys found; in quarantine and on record as dump.blocked ${secondsToAlarm.toFixed(1)} s after it was there, with key.access for each key`,
    value: { kids: only.kids, alarm },
  };
}

function tells(event: RecordedEvent | undefined, what: string): boolean {
  return JSON.stringify(event ?? '').includes(what);
}
