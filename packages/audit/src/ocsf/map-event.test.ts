import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CountersignEvent, type EventName, isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { eventCatalogue } from '../catalogue/event-catalogue.ts';
import { canonicalJson } from '../testing/canonical-json.ts';
import { OcsfSchema, ocsfSchemaIsHere } from '../testing/ocsf-schema.ts';
import { OCSF_VERSION } from './class-kinds.ts';
import { eventClasses } from './event-classes.ts';
import { mapEvent } from './map-event.ts';

const stamp = {
  uid: '01a0c4de-8f5e-7a21-9b1c-5f1d2c3b4a59',
  loggedMs: 1_795_289_400_004,
  product: { name: 'countersign', version: '0.1.0' },
};
const examples = Object.values(eventCatalogue).map(({ example }) => example);
const names = Object.keys(eventClasses) as EventName[];

const text = fc.string({ unit: 'binary', maxLength: 40 });
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const anyToken = fc.record({
  kind: fc.constantFrom('access', 'id', 'refresh', 'logout', 'other'),
  tokenHash: maybe(hash),
  jtiHash: maybe(hash),
  issuer: maybe(text),
  audience: maybe(fc.array(text, { maxLength: 20 })),
  subject: maybe(text),
  kid: maybe(text),
  issuedAtSeconds: maybe(fc.nat()),
  expiresAtSeconds: maybe(fc.nat()),
  leafHash: maybe(hash),
  logIndex: maybe(fc.nat()),
  journalNumber: maybe(fc.nat()),
  rootAuthId: maybe(text),
});
const anyEvent = fc.record({
  name: fc.constantFrom(...names),
  timeMs: fc.nat(),
  realm: maybe(fc.constantFrom('acme/workforce', 'acme/device')),
  severity: maybe(fc.constantFrom('info', 'low', 'medium', 'high', 'critical')),
  clientId: maybe(text),
  subject: maybe(text),
  sessionId: maybe(text),
  token: maybe(anyToken),
  request: maybe(
    fc.record({ ip: maybe(fc.oneof(fc.ipV4(), fc.ipV6(), text)), userAgent: maybe(text) }),
  ),
  reason: maybe(text),
  message: maybe(text),
  verifier: maybe(fc.record({ name: text, version: text })),
  causedBy: maybe(text),
  actor: maybe(
    fc.record({
      kind: fc.constantFrom('operator', 'reader', 'person', 'client', 'verifier', 'system'),
      id: text,
      reason: maybe(text),
    }),
  ),
  item: maybe(
    fc.record({
      kind: fc.oneof(fc.constantFrom('mail', 'file', 'folder', 'site', 'group'), text),
      id: text,
      name: maybe(text),
      in: maybe(text),
    }),
  ),
  operation: maybe(fc.oneof(fc.constantFrom('read', 'enabled', 'closed', 'removed'), text)),
  count: maybe(fc.nat()),
  risk: maybe(
    fc.record({
      score: fc.double({ min: 0, max: 100, noNaN: true }),
      level: fc.constantFrom('low', 'medium', 'high'),
      model: maybe(text),
      tails: maybe(fc.dictionary(text, fc.double({ min: 0, max: 1, noNaN: true }), { maxKeys: 9 })),
      detections: maybe(fc.array(text, { maxLength: 18 })),
      reasons: maybe(fc.array(fc.record({ code: text, sentence: text }), { maxLength: 4 })),
    }),
  ),
  change: maybe(
    fc.record({
      before: maybe(fc.dictionary(text, text, { maxKeys: 3 })),
      after: maybe(fc.dictionary(text, text, { maxKeys: 3 })),
    }),
  ),
  extra: maybe(fc.dictionary(text, fc.oneof(text, fc.boolean(), fc.integer()), { maxKeys: 5 })),
});
const withoutAbsent = (value: unknown): CountersignEvent => JSON.parse(JSON.stringify(value));

describe('events against the OCSF schema', () => {
  if (!ocsfSchemaIsHere && process.env['CI'] !== 'true') {
    test('are not checked: ../shared/data is absent', { skip: 'no ../shared/data here' }, () => {});
    return;
  }
  const schema = new OcsfSchema();

  test('the schema is of the version we claim', () => {
    assert.equal(schema.version, OCSF_VERSION);
  });

  for (const example of examples) {
    test(`${example.name} is valid OCSF`, () => {
      const event = JSON.parse(mapEvent(example, stamp, { ledgerMatch: true }).json);
      assert.deepEqual(schema.problems(event), []);
    });
  }

  test('the validator can fail: unknown, missing and wrong attributes are found', () => {
    const good = JSON.parse(mapEvent(eventCatalogue['token.issued'].example, stamp).json);
    assert.notDeepEqual(schema.problems({ ...good, surprise: 1 }), []);
    assert.notDeepEqual(schema.problems({ ...good, user: undefined, severity_id: 44 }), []);
    assert.notDeepEqual(schema.problems({ ...good, src_endpoint: { ip: 'nowhere' } }), []);
    assert.notDeepEqual(
      schema.problems({ ...good, metadata: { ...good.metadata, profiles: ['cloud'] } }),
      [],
    );
    const { service: _service, ...noService } = good;
    assert.notDeepEqual(schema.problems(noService), []);
  });

  test('whatever an event holds, what is stored is valid OCSF and canonical JSON', () => {
    fc.assert(
      fc.property(anyEvent, (raw) => {
        const event = withoutAbsent(raw);
        const { json } = mapEvent(event, stamp);
        assert.equal(json, canonicalJson(JSON.parse(json)));
        assert.deepEqual(schema.problems(JSON.parse(json)), []);
      }),
      { numRuns: 300 },
    );
  });
});

describe('mapping an event', () => {
  test('an address that is spelled longer than OCSF allows is spelled anew', () => {
    const addressOf = (ip: string) => {
      const event = { ...eventCatalogue['token.verified'].example, request: { ip } };
      return JSON.parse(mapEvent(event, stamp).json).src_endpoint?.ip;
    };
    assert.equal(
      addressOf('0000:0000:0000:0000:0000:ffff:192.168.100.228'),
      '::ffff:192.168.100.228',
    );
    assert.equal(
      addressOf('fe80:0000:0000:0000:0202:b3ff:fe1e:8329%ethernet0'),
      'fe80::202:b3ff:fe1e:8329',
    );
    assert.equal(addressOf('2001:db8::1'), '2001:db8::1');
  });

  test('type_uid is class times 100 plus activity, as audit.md lists them', () => {
    const typeUid = (name: EventName) => mapEvent(eventCatalogue[name].example, stamp).typeUid;
    assert.equal(typeUid('token.issued'), 300_203);
    assert.equal(typeUid('token.exchanged'), 300_204);
    assert.equal(typeUid('token.refreshed'), 300_205);
    assert.equal(typeUid('token.revoked'), 300_299);
    assert.equal(typeUid('token.refused'), 300_299);
    assert.equal(typeUid('session.started'), 300_201);
    assert.equal(typeUid('session.ended'), 300_202);
    assert.equal(typeUid('token.verified'), 600_399);
    assert.equal(typeUid('key.created'), 300_401);
    for (const name of names) {
      const finding = /^token\.(forged|replayed|stolen|laundered|unissued|interrupted)|forked/;
      if (finding.test(name)) assert.equal(typeUid(name), 200_401, name);
    }
  });

  test('our token facts are all in the extension', () => {
    const { json } = mapEvent(eventCatalogue['token.refreshed'].example, stamp, {
      ledgerMatch: true,
    });
    const { countersign } = JSON.parse(json).unmapped;
    for (const member of ['kid', 'alg', 'typ', 'aud', 'cnf_jkt', 'parent_jti_hash', 'root_auth_id'])
      assert.ok(member in countersign, member);
    assert.equal(countersign.log_index, 41_207);
    assert.equal(countersign.leaf_hash, '9'.repeat(64));
    assert.equal(countersign.journal_number, 40_998);
    assert.equal(countersign.ledger_match, true);
  });

  test('texts of a stranger are cut, lone surrogates are made well-formed', () => {
    const { json } = mapEvent(
      {
        name: 'session.refused',
        timeMs: 1,
        clientId: 'x'.repeat(100_000),
        request: { userAgent: '\ud800'.repeat(100_000), ip: 'x'.repeat(1000) },
      },
      stamp,
    );
    assert.ok(json.length < 4096);
    assert.ok(json.isWellFormed());
  });

  test('an event too large or without a time is refused', () => {
    const refusal = (code: string) => (error: unknown) =>
      isCodedError(error) && error.code === code;
    const big = { name: 'key.used', timeMs: 1, extra: { a: 'x'.repeat(5000) } } as const;
    assert.throws(() => mapEvent(big, stamp), refusal('event_too_large'));
    assert.throws(
      () => mapEvent({ name: 'key.used', timeMs: 1.5 }, stamp),
      refusal('event_malformed'),
    );
    assert.throws(
      () => mapEvent({ name: 'key.used', timeMs: 1, extra: { a: Number.NaN } }, stamp),
      refusal('event_malformed'),
    );
  });
});
