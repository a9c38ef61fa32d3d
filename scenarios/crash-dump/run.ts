// A dump of the signer on its way out. See README.md for the history and for what is simplified.

import { bothOf, perform } from '../src/stage/perform.ts';
import { claim } from '../src/stage/tell-story.ts';
import { blockDump } from './block-dump.ts';
import { releaseCopy } from './release-copy.ts';
import { refuseOldKeys, revokeKeys, signWithAnother } from './replace-keys.ts';
import { setTheStage } from './stage.ts';
import { takeDump } from './take-dump.ts';
import { useHeldKey } from './use-held-key.ts';

await perform('crash-dump', async (stage) => {
  const mail = await stage.step(
    'A real server issues a workforce token, and it is accepted',
    async () => {
      const set = await setTheStage(stage);
      const { accepted, code } = await set.ours.judge(set.genuine.token);
      claim(accepted, `Countersign refuses a genuine token: ${code}.`);
      const detail = `ready after ${(set.server.readyMs / 1000).toFixed(1)} s`;
      return { detail, value: set };
    },
  );
  const { bytes, droppedMs } = await stage.step(
    'The memory of the signer lies in a file, and somebody sends it for debugging',
    async () => takeDump(mail),
  );
  const blocked = await stage.step('The gate finds the keys in it and holds it back', () =>
    blockDump(stage, mail, droppedMs),
  );
  const forged = await stage.step('What was held back: the bytes it names are the key', () =>
    useHeldKey(stage, mail),
  );
  const revokedMs = await stage.step('Every key in the dump is revoked', () =>
    revokeKeys(mail, blocked.kids),
  );
  await stage.step('Verifiers refuse the old key', () =>
    refuseOldKeys(stage, mail, forged, blocked, revokedMs),
  );
  await bothOf([
    stage.step('A copy without the keys leaves, for those who look for the fault', () =>
      releaseCopy(mail, bytes),
    ),
    stage.step('Another key signs, and verifiers that run already learn of it', () =>
      signWithAnother(mail, blocked.kids, revokedMs),
    ),
  ]);
});
