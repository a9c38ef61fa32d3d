// A mailbox read with forged tokens, found in a log that cost nothing. See README.md for the history and
// for what is simplified.

import { perform } from '../src/stage/perform.ts';
import { askServer, bringRecords, countReaders, reconcileExport } from './find-it.ts';
import { breakEvidence, takeEvidence } from './keep-evidence.ts';
import { readMailbox, refuseAndAlarm } from './read-mailbox.ts';
import { setTheStage } from './stage.ts';

await perform('premium-log', async (stage) => {
  const house = await stage.step(
    'A tenant with default settings: nothing was switched on, nothing was paid for',
    () => setTheStage(stage),
  );
  const forged = await stage.step(
    'A thief of the signing key reads a mailbox, through an API with one of the other verifiers',
    () => readMailbox(stage, house),
  );
  await stage.step(
    'Another API of the tenant has our verifier: it refuses, and the alarm is raised',
    () => refuseAndAlarm(stage, house, forged),
  );
  await stage.step('The tenant asks its own log what was read with that token', () =>
    askServer(house, forged),
  );
  await stage.step('It brings its Microsoft 365 and Entra records into the same log', () =>
    bringRecords(house),
  );
  await stage.step('It counts who reads mail, as the one who found it in 2023 did', () =>
    countReaders(house),
  );
  const recorded = await stage.step(
    'It exports its log, and holds uses against sign-ins on its own machine',
    () => reconcileExport(house),
  );
  await stage.step('It takes the evidence with it, and checks it without asking anybody', () =>
    takeEvidence(house, recorded),
  );
  await stage.step('One letter of the evidence is changed, and half of it left out', () =>
    breakEvidence(house),
  );
});
