// Events that are OCSF already, of any 1.x and any class: passed through as they are, with what follows
// from other attributes filled in. The version they say stays, and they are valid by that version.

import type { FieldNote, JsonObject, MappedRecord, Source } from '../map-record.ts';
import { mapUnknown } from '../map-unknown.ts';
import { digestRecord } from '../reading/digest-record.ts';
import { maskSecrets } from '../reading/mask-secrets.ts';
import { type LooseObject, memberOf, objectOf, textOf } from '../reading/read-text.ts';
import { checkOcsf, looksLikeOcsf } from './check-ocsf.ts';
import { factsOfOcsf } from './ocsf-facts.ts';

const fields: readonly FieldNote[] = [
  {
    from: 'metadata.uid',
    to: 'metadata.original_event_uid',
    note: 'The key; without it `metadata.original_event_uid`, then a hash of the event.',
  },
  {
    from: 'class_uid, activity_id',
    to: 'class_uid, activity_id, facts.kind',
    note: 'Any class of OCSF 1.0 to 1.8; a class that is none is kept as an event of no class, and counted.',
  },
  {
    from: 'category_uid, type_uid',
    to: 'category_uid, type_uid',
    note: 'Follow from class and activity; set where they are missing or do not agree.',
  },
  {
    from: 'time',
    to: 'time',
    note: 'Milliseconds; seconds, text and `time_dt` become milliseconds.',
  },
  { from: 'severity_id', to: 'severity_id', note: '0 where it is missing or none.' },
  {
    from: 'metadata.product, metadata.version',
    to: 'metadata.product, metadata.version',
    note: 'Required; the version stays what the event says.',
  },
  { from: 'actor.user, user', to: 'facts.persons' },
  {
    from: 'authentication_token.uid, api.token.uid, user.credential_uid',
    to: 'facts.tokens',
    note: 'As `jti:` and `key:`; of our own events the hash of the jti, as `jtiHash:`.',
  },
  { from: 'session.uid, actor.session.uid', to: 'facts.sessions', note: 'As `sid:`.' },
  { from: 'src_endpoint, http_request.user_agent', to: 'facts.ip, facts.asn, facts.userAgent' },
  { from: 'file, databucket', to: 'facts.items' },
  {
    from: 'unmapped.countersign',
    to: 'unmapped.exported',
    note: 'Of an event that this product exported; its facts are taken as they are.',
  },
  {
    from: 'raw_data, raw_data_hash, metadata.logged_time, metadata.tenant_uid',
    to: '–',
    note: 'Set anew when it is recorded; the event as it came is the raw data.',
  },
  { from: 'anything else', to: 'the same path' },
];

export const ocsfSource: Source = {
  name: 'ocsf',
  title: 'OCSF',
  recognises: looksLikeOcsf,
  map: (record) => [mapOcsf(record)],
  fields,
};

function mapOcsf(record: JsonObject): MappedRecord {
  const checked = checkOcsf(record);
  const metadata = objectOf(memberOf(record, 'metadata'));
  const given = textOf(memberOf(metadata, 'uid'));
  const key = given ?? textOf(memberOf(metadata, 'original_event_uid')) ?? digestRecord(record);
  if (checked === undefined) return { ...mapUnknown(record), key };
  const { raw_data: _text, raw_data_hash: _hash, unmapped, ...rest } = record;
  const { logged_time: _logged, tenant_uid: tenant, uid: _uid, ...said } = metadata as JsonObject;
  const kept = unmappedOf(objectOf(unmapped), tenant);
  return {
    key,
    timeMs: checked.timeMs,
    facts: factsOfOcsf(record, checked),
    recognised: true,
    ocsf: {
      ...maskSecrets(rest),
      ...checked.filled,
      metadata: { ...said, ...(given === undefined ? {} : { original_event_uid: given }) },
      ...(kept === undefined ? {} : { unmapped: kept }),
    },
  };
}

/** What stood under our own name came from outside, and must not be taken for what is recorded here. */
function unmappedOf(unmapped: LooseObject | undefined, tenant: unknown): JsonObject | undefined {
  const { countersign: exported, ...others } = (unmapped ?? {}) as JsonObject;
  const kept: JsonObject = {
    ...maskSecrets(others),
    ...(exported === undefined ? {} : { exported: maskSecrets(exported) }),
    ...(textOf(tenant) === undefined ? {} : { source_tenant: tenant }),
  };
  return Object.keys(kept).length === 0 ? undefined : kept;
}
