import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNoteKey, formatVerifierKey } from '../note/verifier-key.ts';
import { TestIssuer } from '../testing/test-issuer.ts';
import { ed25519KeyPair, TestLog } from '../testing/test-log.ts';
import { parsePolicy } from './parse-policy.ts';
import type { VerifierPolicy } from './verifier-policy.ts';

const issuer = new TestIssuer();
const feedKey = formatVerifierKey(
  createNoteKey('log.example/log/feed', 'ed25519', ed25519KeyPair().publicKey),
);

function sound(): VerifierPolicy {
  return {
    ...issuer.policy(),
    feed: { url: 'https://id.example/api/v1/feed', key: feedKey, maxStaleSeconds: 60 },
    reports: { url: 'https://id.example/api/v1/uses' },
  };
}

/** A sound policy with one place changed: a path of names, and a value (undefined removes). */
function changed(path: (string | number)[], value: unknown): string {
  const policy: unknown = JSON.parse(JSON.stringify(sound()));
  let place = policy as Record<string | number, unknown>;
  for (const name of path.slice(0, -1)) place = place[name] as Record<string | number, unknown>;
  place[path.at(-1) ?? ''] = value;
  return JSON.stringify(policy);
}

test('a sound policy is read from text and from an object alike', () => {
  assert.deepEqual(parsePolicy(JSON.stringify(sound())), sound());
  assert.deepEqual(parsePolicy(sound()), sound());
  const least = { ...issuer.policy({ receipts: { mode: 'off', logs: [], startByKid: {} } }) };
  assert.deepEqual(parsePolicy(JSON.stringify(least)), least);
});

test('whether keys must be in the log is read, and kept apart from tokens', () => {
  const logs = [issuer.logPolicy()];
  for (const keys of ['required', 'report', 'off'] as const) {
    const policy = issuer.policy({ receipts: { mode: 'off', logs, startByKid: {}, keys } });
    assert.equal(parsePolicy(JSON.stringify(policy)).issuers[0]?.receipts.keys, keys);
  }
});

test('an unknown member at any level refuses the whole policy', () => {
  const places = [
    [],
    ['issuers', 0],
    ['issuers', 0, 'maxLifetimeSeconds'],
    ['issuers', 0, 'receipts'],
    ['issuers', 0, 'receipts', 'logs', 0],
    ['feed'],
    ['reports'],
  ];
  for (const place of places) {
    const text = changed([...place, 'recieptMode'], 'off');
    assert.throws(() => parsePolicy(text), { code: 'policy_malformed', message: /recieptMode/ });
  }
});

test('a missing member at any level refuses the whole policy', () => {
  const places = [
    ['version'],
    ['issuers'],
    ...Object.keys(sound().issuers[0] ?? {})
      .filter((name) => name !== 'tenant' && name !== 'population')
      .map((name) => ['issuers', 0, name]),
    ['issuers', 0, 'maxLifetimeSeconds', 'access'],
    ['issuers', 0, 'maxLifetimeSeconds', 'id'],
    ['issuers', 0, 'receipts', 'mode'],
    ['issuers', 0, 'receipts', 'logs'],
    ['issuers', 0, 'receipts', 'startByKid'],
    ['issuers', 0, 'receipts', 'logs', 0, 'origin'],
    ['issuers', 0, 'receipts', 'logs', 0, 'receiptKey'],
    ['issuers', 0, 'receipts', 'logs', 0, 'checkpointKey'],
    ['issuers', 0, 'receipts', 'logs', 0, 'url'],
    ['feed', 'url'],
    ['feed', 'key'],
    ['feed', 'maxStaleSeconds'],
    ['reports', 'url'],
  ];
  for (const place of places) {
    assert.throws(
      () => parsePolicy(changed(place, undefined)),
      { code: 'policy_malformed' },
      place.join('.'),
    );
  }
});

test('a value that means nothing, or something else, is refused', () => {
  const bad: [(string | number)[], unknown][] = [
    [['version'], 2],
    [['version'], '1'],
    [['issuers'], []],
    [['issuers'], {}],
    [['issuers'], [null]],
    [['issuers'], [sound().issuers[0], sound().issuers[0]]],
    [['issuers', 0, 'issuer'], ''],
    [['issuers', 0, 'tenant'], 7],
    [['issuers', 0, 'jwksUri'], 'http://id.example/jwks'],
    [['issuers', 0, 'jwksUri'], 'file:///etc/passwd'],
    [['issuers', 0, 'jwksUri'], 'https://user:secret@id.example/jwks'],
    [['issuers', 0, 'algorithms'], []],
    [['issuers', 0, 'algorithms'], ['none']],
    [
      ['issuers', 0, 'algorithms'],
      ['ES256', 'ES256'],
    ],
    [['issuers', 0, 'algorithms'], 'ES256'],
    [['issuers', 0, 'maxLifetimeSeconds', 'access'], 0],
    [['issuers', 0, 'maxLifetimeSeconds', 'access'], 86_401],
    [['issuers', 0, 'maxLifetimeSeconds', 'access'], '3600'],
    [['issuers', 0, 'keyMaxAgeSeconds'], 0.5],
    [['issuers', 0, 'receipts', 'mode'], 'Required'],
    [['issuers', 0, 'receipts', 'keys'], 'Required'],
    [['issuers', 0, 'receipts', 'keys'], null],
    [['issuers', 0, 'receipts'], { mode: 'off', logs: [], startByKid: {}, keys: 'report' }],
    [['issuers', 0, 'receipts', 'logs'], []],
    [['issuers', 0, 'receipts', 'startByKid'], { 'key-1': -1 }],
    [['issuers', 0, 'receipts', 'startByKid'], []],
    [['feed', 'otherKeys'], issuer.log.checkpointKeyText],
    [['feed', 'otherKeys'], [issuer.log.receiptKeyText]],
    [['issuers', 0, 'receipts', 'logs', 0, 'origin'], 'other/log'],
    [['issuers', 0, 'receipts', 'logs', 0, 'receiptKey'], issuer.log.checkpointKeyText],
    [['issuers', 0, 'receipts', 'logs', 0, 'checkpointKey'], issuer.log.receiptKeyText],
    [['feed', 'key'], issuer.log.receiptKeyText],
    [['feed', 'maxStaleSeconds'], 0],
    [['reports'], null],
  ];
  for (const [path, value] of bad) {
    assert.throws(
      () => parsePolicy(changed(path, value)),
      { code: 'policy_malformed' },
      path.join('.'),
    );
  }
  for (const [path, value] of [
    [['feed', 'key'], 'nonsense'],
    [['feed', 'otherKeys'], ['nonsense']],
  ] as const) {
    assert.throws(() => parsePolicy(changed([...path], value)), { code: 'vkey_malformed' });
  }
});

test('a feed may be signed by the keys of further logs', () => {
  const otherKeys = [new TestLog('second.example/log').checkpointKeyText];
  assert.deepEqual(
    parsePolicy(changed(['feed', 'otherKeys'], otherKeys)).feed?.otherKeys,
    otherKeys,
  );
});

test('two issuers may share a log but not mean different logs by one name', () => {
  const [first] = sound().issuers;
  assert.ok(first);
  const second = { ...first, issuer: 'https://id.example/acme/partner' };
  assert.equal(parsePolicy({ version: 1, issuers: [first, second] }).issuers.length, 2);
  const impostor = new TestIssuer('ES256', new TestLog()).policy().issuers[0];
  assert.ok(impostor);
  const clashing = { ...impostor, issuer: second.issuer };
  assert.throws(() => parsePolicy({ version: 1, issuers: [first, clashing] }), {
    code: 'policy_malformed',
  });
});

test('text that is no object, doubles a member or is too long is refused', () => {
  assert.throws(() => parsePolicy('[]'), { code: 'policy_malformed' });
  assert.throws(() => parsePolicy('nonsense'), { code: 'json_malformed' });
  const doubled = JSON.stringify(sound()).replace('{', '{"version":1,');
  assert.throws(() => parsePolicy(doubled), { code: 'json_duplicate_member' });
  assert.throws(() => parsePolicy(' '.repeat(1_000_001)), { code: 'policy_malformed' });
});
