// The crash must still be understood: a copy leaves in which zeros stand where the keys stood.

import { createReadStream, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  allFinders,
  type Find,
  memoryFinder,
  parseFingerprints,
  scanSource,
} from '@countersign/keyscan';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { passGate } from './pass-gate.ts';
import type { MailServer } from './stage.ts';
import { DUMP } from './take-dump.ts';

export async function releaseCopy(mail: MailServer, bytes: number): Promise<Found<void>> {
  const { gate, operator, server } = mail;
  const held = readdirSync(gate.quarantine).find((name) => name.endsWith(`-${DUMP}`)) ?? '';
  renameSync(join(gate.quarantine, held), join(gate.inbox, DUMP));
  const { passed } = await passGate(mail, ['--redact']);
  const released = passed.find(({ outcome }) => outcome === 'released');
  claim(released?.redacted === true, 'No clean copy was released.');
  const copy = join(gate.released, DUMP);
  claim(statSync(copy).size === bytes, 'The copy has another size: offsets in it mean nothing.');
  const finds: Find[] = [];
  const known = readFileSync(join(server.data, 'signer/fingerprints.json'), 'utf8');
  await scanSource(createReadStream(copy, { highWaterMark: 1 << 20 }), {
    finders: allFinders([memoryFinder(parseFingerprints(known))]),
    onFind: (find) => finds.push(find),
    onUnread: ({ what }) => claim(false, `Not all of the copy can be read: ${what}`),
  });
  claim(finds.length === 0, `The copy holds ${finds.length} keys.`);
  const events = await operator.events('dump.released');
  claim(events.length === 1, 'The release is not on record.');
  return {
    detail: `${(bytes / 1e6).toFixed(0)} MB with every other byte as it was; scanned again and clean; dump.released on record`,
    value: undefined,
  };
}
