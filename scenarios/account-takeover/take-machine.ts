// A secret that leaked from a build log. It is right, wherever it is used: where from is what tells.

import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { callAsMachine } from './call-as-machine.ts';
import { explainLast, sayWhy, takeoverOf } from './explain-act.ts';
import { DATA_CENTRE, SECRET_THIEF } from './places.ts';
import type { House } from './stage.ts';

/** What a token of this machine lives otherwise, at least. */
const USUAL_SECONDS = 300;

export async function useElsewhere(stage: Stage, house: House): Promise<Found<void>> {
  const { machine } = house;
  const stolen = await callAsMachine(machine, SECRET_THIEF);
  const realm = 'acme/device';
  const subject = machine.clientId;
  const explained = await explainLast(house, { realm, subject, kind: 'token' });
  claim(explained.level !== 'low', `It scores ${explained.score}: ${sayWhy(explained)}`);
  claim(
    explained.detections.some(({ code }) => code === 'hosting_change'),
    `That it left its data centre is not seen: ${sayWhy(explained)}`,
  );
  const got = 'seconds' in stolen ? `a token of ${stolen.seconds} s` : 'no token';
  claim(
    !('seconds' in stolen) || stolen.seconds < USUAL_SECONDS,
    `The secret gets ${got}: nothing is limited.`,
  );
  const outcome = { stopped: !('seconds' in stolen), ended: got };
  house.takeovers.push(takeoverOf('machine', explained, outcome));
  stage.note({ takeovers: house.takeovers });
  const home = await callAsMachine(machine, DATA_CENTRE);
  const there = 'seconds' in home ? `a token of ${home.seconds} s` : 'no token either';
  return {
    detail: `the secret gets ${got}: ${sayWhy(explained)} In its data centre the machine gets ${there} meanwhile`,
    value: undefined,
  };
}
