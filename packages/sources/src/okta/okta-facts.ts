// What an Okta event says about who did what with which session and token. Ids keep their case: they
// are compared with what applications wrote down.

import type { ActivityFacts, TouchedItem } from '@countersign/vocabulary';
import type { Outcome } from '../ocsf/draft-event.ts';
import { addSaid } from '../reading/add-said.ts';
import { foldPersons } from '../reading/fold-person.ts';
import { type LooseObject, numberOf, objectOf } from '../reading/read-text.ts';
import { affectedOfTicket } from './describe-okta-class.ts';
import type { OktaMeaning } from './okta-operations.ts';
import { type OktaRecord, saidOf, targetOf } from './read-okta.ts';

const TOKEN_TARGETS: ReadonlySet<string> = new Set(['access_token', 'id_token', 'refresh_token']);

export function factsOfOkta(
  okta: OktaRecord,
  meaning: OktaMeaning,
  outcome: Outcome,
): ActivityFacts {
  const facts: ActivityFacts = { kind: meaning.kind, outcome, operation: okta.eventType };
  const tokens = tokensOf(okta, meaning);
  if (tokens.length > 0) facts.tokens = tokens;
  const sessions = sessionsOf(okta.authentication);
  if (sessions.length > 0) facts.sessions = sessions;
  const persons = personsOf(okta);
  if (persons.length > 0) facts.persons = persons;
  const app = targetOf(okta.targets, 'AppInstance');
  addSaid(facts, {
    app: app?.id,
    client: saidOf(okta.client, 'id') ?? clientActing(okta),
    ip: okta.address?.ip,
    asn: textOfNumber(okta.security, 'asNumber'),
    userAgent: okta.userAgent,
    device:
      saidOf(objectOf(okta.record['device']), 'id') ?? saidOf(okta.debug, 'deviceFingerprint'),
    resource: app?.displayName ?? saidOf(okta.debug, 'requestUri'),
  });
  if (meaning.kind === 'token') facts.tokenIssuedMs = okta.timeMs;
  const items = itemsOf(okta, meaning);
  if (items !== undefined) facts.items = items;
  return facts;
}

/** Of a token event the tokens it is about; the key of the caller only where nothing is issued. */
function tokensOf(okta: OktaRecord, meaning: OktaMeaning): string[] {
  const found = new Set<string>();
  for (const { id, type } of okta.targets) {
    if (id === undefined || type === undefined) continue;
    if (TOKEN_TARGETS.has(type.toLowerCase())) found.add(`jti:${id}`);
    if (type === 'Token') found.add(`key:${id}`);
  }
  const detail = objectOf(okta.transaction?.['detail']);
  const caller = saidOf(detail, 'requestApiTokenId');
  const managed = meaning.kind === 'token' || meaning.kind === 'revocation';
  if (caller !== undefined && !managed) found.add(`key:${caller}`);
  const device = saidOf(okta.debug, 'dtHash');
  // The device token outlives sessions: what ends one session must not end all of the device.
  if (device !== undefined && meaning.kind !== 'revocation') found.add(`dtHash:${device}`);
  return [...found];
}

function sessionsOf(authentication: LooseObject | undefined): string[] {
  const found = new Set<string>();
  for (const name of ['externalSessionId', 'rootSessionId']) {
    const id = saidOf(authentication, name);
    if (id !== undefined) found.add(`sid:${id}`);
  }
  return [...found];
}

function personsOf(okta: OktaRecord): string[] {
  const person = affectedOfTicket(okta);
  if (person === undefined || person.type !== 'User') return [];
  const login = person.name;
  return foldPersons({
    emails: [login?.includes('@') ? login : undefined],
    upns: [login?.includes('@') ? undefined : login],
    ids: [person.uid],
  });
}

function clientActing({ actor }: OktaRecord): string | undefined {
  return actor?.type === 'PublicClientApp' ? actor.id : undefined;
}

function itemsOf(okta: OktaRecord, meaning: OktaMeaning): TouchedItem[] | undefined {
  if (meaning.classUid !== 6005) return undefined;
  const app = targetOf(okta.targets, 'AppInstance');
  const user = targetOf(okta.targets, 'AppUser', 'User');
  if (app?.id === undefined) return undefined;
  return [
    {
      kind: 'secret',
      id: user?.id === undefined ? app.id : `${app.id}/${user.id}`,
      in: app.id,
      ...(app.displayName === undefined ? {} : { name: app.displayName }),
    },
  ];
}

function textOfNumber(object: LooseObject | undefined, name: string): string | undefined {
  const number = numberOf(object?.[name]);
  return number === undefined ? undefined : String(number);
}
