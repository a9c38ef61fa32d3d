// A key that nobody rotated, told in eight steps. See README.md.

import { perform } from '../src/stage/perform.ts';
import { alarmAfterTheEnd, alarmBeforeTheEnd } from './await-watchdog.ts';
import { askTheSigner, passTheEnd } from './pass-the-end.ts';
import { doctorTheKeySet, forgeAfterTheEnd, raiseTheAlarm } from './sign-with-it.ts';
import { openOldHouse } from './stage.ts';

await perform('old-key', async (stage) => {
  const house = await stage.step(
    'A server whose rotator hangs signs with a key in its last minute',
    () => openOldHouse(stage),
  );
  await stage.step('The watchdog alarms before the end', () => alarmBeforeTheEnd(house));
  await stage.step('The last second passes: issuer and verifier refuse by themselves', () =>
    passTheEnd(house),
  );
  await stage.step('The watchdog alarms after the end, and at the silence of the rotator', () =>
    alarmAfterTheEnd(house),
  );
  await stage.step('The signer refuses as well', () => askTheSigner(house));
  const forged = await stage.step('A thief signs with the raw key after its end', () =>
    forgeAfterTheEnd(stage, house),
  );
  await stage.step('The key set is doctored to say that the key is young', () =>
    doctorTheKeySet(stage, house),
  );
  await stage.step('The use of a key that is over is an alarm', () =>
    raiseTheAlarm(stage, house, forged),
  );
});
