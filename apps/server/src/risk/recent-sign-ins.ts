// What a person's account page shows of their sign-ins, and what becomes of "this was me" and "this wasn't
// me". Only what was judged of that very person is shown, and only that can be answered.

import type { Directory } from '@countersign/directory';
import type { KeptAct } from '@countersign/memory';
import type { RecentSignIn, RecentSignIns } from '@countersign/provider';
import { giveFeedback } from './give-feedback.ts';
import type { RiskHouse } from './risk-house.ts';

/** Other acts of a person stand between their sign-ins: so many are looked through. */
const LOOKED_THROUGH = 100;
const MOST_SHOWN = 10;

export function recentSignIns(
  house: RiskHouse,
  { clients }: Pick<Directory, 'clients'>,
): RecentSignIns {
  const { acts } = house.memory;
  async function show(act: KeptAct): Promise<RecentSignIn> {
    const { id, realm, timeMs, client, action } = act;
    const about = await acts.about(id);
    const said = about.findLast(({ word }) => word === 'was_me' || word === 'was_not_me');
    const passed = about.some(({ kind, word }) => kind === 'settled' && word === 'passed');
    const app = client === undefined ? undefined : (await clients.find(realm, client))?.client_name;
    const from = describePlace(act);
    return {
      ...{ assessment: id, timeMs },
      outcome: action === 'allow' || passed ? 'signed_in' : 'refused',
      ...(app === undefined ? {} : { app }),
      ...(from === '' ? {} : { from }),
      ...(said === undefined ? {} : { answered: said.word === 'was_me' ? 'me' : 'not_me' }),
    };
  }
  return {
    list: async (realm, subject) => {
      const judged = await acts.list({ realm, subject, limit: LOOKED_THROUGH });
      const signIns = judged.filter(({ input }) => input.kind === 'sign_in');
      return await Promise.all(signIns.slice(0, MOST_SHOWN).map(show));
    },
    answer: async ({ realm, personId, assessment, mine, signIn, passkeysSinceMs }) => {
      const act = await acts.find(assessment);
      if (act?.realm !== realm || act.subject !== personId || act.assessment === undefined) return;
      await giveFeedback(house, {
        ...{ act, verb: mine ? 'was_me' : 'was_not_me', by: 'person' },
        actor: { kind: 'person', id: personId },
        // Of a session that nobody knows the beginning of: the worse is assumed.
        fromSameSession: signIn === undefined || signIn === assessment,
        withOldFactor: passkeysSinceMs !== undefined && passkeysSinceMs < act.timeMs,
      });
    },
  };
}

/** "Chrome on Windows · LV". */
function describePlace({ input: { labels } }: KeptAct): string {
  const { browser, os, country } = labels;
  const agent = [browser, os].filter((word) => word !== undefined).join(' on ');
  return [agent, country].filter((word) => word !== undefined && word !== '').join(' · ');
}
