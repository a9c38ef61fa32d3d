// Prints EVENTS.md. Run as a program it writes the file; the test compares the file with it.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EventName } from '@countersign/vocabulary';
import { OCSF_VERSION } from '../ocsf/class-kinds.ts';
import { eventClasses } from '../ocsf/event-classes.ts';
import { mapEvent } from '../ocsf/map-event.ts';
import { emitters } from './emitters.ts';
import { eventCatalogue } from './event-catalogue.ts';

export const CATALOGUE_FILE = fileURLToPath(new URL('../../EVENTS.md', import.meta.url));

const EXTENSION_MEMBERS: readonly (readonly [string, string])[] = [
  ['actor', 'who acts, where that is not the person or app the event is about: kind, id, reason'],
  ['alg', 'JOSE algorithm of the token'],
  ['aud', 'audiences, exactly as in the token'],
  ['caused_by', '`metadata.uid` of the event that led to this one'],
  ['change', 'what was changed: `before` and `after`, small facts, never secrets'],
  ['client_id', 'OAuth client'],
  ['cnf_jkt', 'RFC 7638 thumbprint of the key the token is bound to'],
  ['count', 'how many records or items the event stands for (also `count`)'],
  ['event', 'our name of the event (also `metadata.event_code`)'],
  ['extra', 'small facts of this event; see the table'],
  [
    'integrity',
    'added when it is read, no part of the leaf: `number` in the chain, `leaf`, `head` where it is known, `erased`',
  ],
  ['iss', 'issuer'],
  ['item', 'what something was done to: kind, id, name, `in` (what holds it)'],
  ['journal_number', 'number of the signature in the signer’s journal'],
  ['jti_hash', 'SHA-256 of `jti`, hex (also `authentication_token.uid`)'],
  ['kid', 'signing key'],
  ['kind', 'access, id, refresh, logout or other'],
  ['leaf_hash', 'hash of the leaf (RFC 9162), hex: what the log holds at `log_index`'],
  ['ledger_match', 'true when the ledger of issued tokens holds this very token'],
  ['log_index', 'position of the leaf in the transparency log'],
  ['log_origin', 'origin of that log, where the issuer has more than one'],
  ['operation', 'what was done: a word of the list the table gives for the event'],
  ['parent_jti_hash', 'SHA-256 of the `jti` of the token this one was derived from'],
  ['realm', 'TENANT/POPULATION'],
  ['reason', 'closed code of a refusal or finding (also `status_detail`)'],
  [
    'risk',
    'how odd it was: `score`, `level` (also `risk_score`, `risk_level`, of a finding or of its `user`), `state`, `degraded`, `action`, `model`, `tails` by head, `detections`, `reasons`, `counterfactual`, `assessment`',
  ],
  ['root_auth_id', 'the sign-in everything else descends from (also `metadata.correlation_uid`)'],
  ['scope', 'OAuth scope'],
  ['signer', 'signer of that journal, where the issuer has more than one'],
  ['sub', 'subject'],
  ['token_hash', 'SHA-256 of the compact token, hex; the token itself is never stored'],
  ['typ', 'header `typ`'],
  ['v', 'version of this extension'],
  ['verifier', 'name and version of the verifier that reported'],
];

export function renderCatalogue(): string {
  const names = Object.keys(eventCatalogue) as EventName[];
  return [
    '# Events',
    '',
    `Every event is OCSF ${OCSF_VERSION}. Printed by \`node packages/audit/src/catalogue/render-catalogue.ts\`;`,
    'a test fails when an event is missing here or its example does not fit the OCSF schema.',
    '',
    '| event | class : activity | severity | when | facts | said by |',
    '|---|---|---|---|---|---|',
    ...names.map(row),
    '',
    'An event is told from another of the same name by its operation, where it has several: each operation',
    'has its own activity. Names with a colon (`okta:user.session.start`) are records of others, see',
    '[docs/audit.md](../../docs/audit.md).',
    '',
    '## The extension',
    '',
    'OCSF 1.8 has no place for token and key facts, so they are under `unmapped.countersign` until the',
    'extension is registered. Members that are unknown are absent.',
    '',
    '| member | meaning |',
    '|---|---|',
    ...EXTENSION_MEMBERS.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    '## Examples',
    '',
    ...names.flatMap(example),
  ].join('\n');
}

function row(name: EventName): string {
  const { classUid, activityId, severity, operations } = eventClasses[name];
  const { when, facts } = eventCatalogue[name];
  const activities = [activityId, ...Object.values(operations ?? {})];
  const place = `${classUid} : ${[...new Set(activities)].join(', ')}`;
  return `| \`${name}\` | ${place} | ${severity} | ${when} | ${facts} | ${saidBy(name)} |`;
}

function saidBy(name: EventName): string {
  const emitter = emitters[name];
  return typeof emitter === 'string' ? emitter : `not said yet: comes with ${emitter.comesWith}`;
}

function example(name: EventName): string[] {
  const stamp = {
    uid: '01a0c4de-8f5e-7a21-9b1c-5f1d2c3b4a60',
    loggedMs: eventCatalogue[name].example.timeMs + 4,
    product: { name: 'countersign', version: '0.1.0' },
  };
  const { json } = mapEvent(eventCatalogue[name].example, stamp);
  return [`### ${name}`, '', '```json', JSON.stringify(JSON.parse(json), null, 2), '```', ''];
}

export { EXTENSION_MEMBERS };

if (import.meta.main) writeFileSync(CATALOGUE_FILE, renderCatalogue());
