// The network that a sign-in was finished in, kept with its session as a mark that names no address:
// whoever goes on from there was judged there a moment ago.

import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RealmContext } from '../realm/realm-context.ts';
import { nameNetwork } from '../sign-in/name-network.ts';

/** The member of an interaction's result and of sessions. */
export const NETWORK_MEMBER = 'riskNetwork';

interface Marked {
  riskNetwork?: unknown;
}

type Marking = Pick<RealmContext, 'addressOf' | 'secrets'>;

export function markNetwork(realm: Marking, request: IncomingMessage): Marked {
  const network = nameNetwork(realm.addressOf(request));
  const mark = createHmac('sha256', realm.secrets.formKey).update(`network\n${network}`);
  return { riskNetwork: mark.digest('base64url') };
}

/** Of a session from before there were marks it is not known: false. */
export function isWhereBegun(realm: Marking, request: IncomingMessage, session: object): boolean {
  return (session as Marked).riskNetwork === markNetwork(realm, request).riskNetwork;
}
