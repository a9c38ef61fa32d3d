// Storm-0558, told step by step. See README.md for the history and for what is simplified.

import { countKeyFiles, stealKey } from '../src/attack/steal-keys.ts';
import { bothOf, perform } from '../src/stage/perform.ts';
import { forgeWithBothKeys } from './both-keys.ts';
import { forgeWithCurrentKey } from './current-key.ts';
import { acceptGenuine } from './genuine-token.ts';
import { forgeWithOldKey } from './old-key.ts';
import { raiseTheAlarm } from './raise-alarm.ts';
import { setTheStage } from './stage.ts';
import { logTheForgery } from './stolen-credential.ts';

await perform('storm-0558', async (stage) => {
  const mail = await stage.step('A real server issues a workforce token, and it is accepted', () =>
    acceptGenuine(() => setTheStage(stage)),
  );
  const { current, old } = await stage.step(
    'The attacker reads the encrypted key files and the passphrase',
    async () => {
      const current = stealKey(mail.server, mail.issuer, mail.genuine.header['kid']);
      const old = stealKey(mail.backup, mail.issuer.replace('workforce', 'customer'));
      const died = new Date(old.record.scope.notAfterSeconds * 1000).getUTCFullYear();
      const detail = `${countKeyFiles(mail.server)} key files; the thief opens the current workforce key and, from a backup, since the signer destroys its own within seconds of its start, a consumer key of 2016 that expired in ${died}`;
      return { detail, value: { current, old } };
    },
  );
  const oldAnswers = await stage.step(
    'The historical forgery: the expired consumer key signs a workforce token',
    () => forgeWithOldKey(stage, mail, old),
  );
  const forgery = await stage.step(
    'The harder forgery: the current workforce key signs, in its own scope',
    () => forgeWithCurrentKey(stage, mail, current, oldAnswers),
  );
  await raiseTheAlarm(stage, mail, current, forgery);
  await bothOf([
    stage.step('The attacker has the log’s receipt key as well, and forges the receipt', () =>
      forgeWithBothKeys(stage, mail),
    ),
    stage.step('The attacker has a submission credential, and logs his forgery properly', () =>
      logTheForgery(stage, mail),
    ),
  ]);
});
