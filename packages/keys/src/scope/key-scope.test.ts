import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeLog, makeScope, NOW_SECONDS } from '../testing/token-fixture.ts';
import { checkAgainstOlder } from './check-new-scope.ts';
import {
  type KeyScope,
  LONGEST_KEY_LIFETIME_SECONDS,
  parseKeyScope,
  samePolicy,
} from './key-scope.ts';

const refused = { code: 'scope_malformed' };

describe('a key scope', () => {
  it('is taken when it is whole, with or without a log', () => {
    const scope = makeScope();
    assert.deepEqual(parseKeyScope(scope), scope);
    const withLog = makeScope({ requireReceiptFrom: makeLog().vkey });
    assert.deepEqual(parseKeyScope(withLog), withLog);
    assert.deepEqual(parseKeyScope(JSON.parse(JSON.stringify(withLog))), withLog);
  });

  it('is refused when any member is missing, or one is unknown', () => {
    for (const name of Object.keys(makeScope())) {
      assert.throws(() => parseKeyScope({ ...makeScope(), [name]: undefined }), refused, name);
    }
    assert.throws(() => parseKeyScope({ ...makeScope(), purpose: 'any' }), refused);
    for (const value of [null, [], 'scope', 1]) assert.throws(() => parseKeyScope(value), refused);
  });

  const unusable: [string, Partial<Record<keyof KeyScope, unknown>>][] = [
    ['an issuer that is no URL', { issuer: 'acme' }],
    ['an issuer with a query', { issuer: 'https://id.example/?a' }],
    ['an issuer that the leaf cannot hold', { issuer: `https://id.example/${'x'.repeat(250)}` }],
    ['a tenant that is none', { tenant: 'ACME' }],
    ['a fifth population', { population: 'admins' }],
    ['no audiences', { audiences: [] }],
    ['an empty audience', { audiences: [''] }],
    ['an audience twice', { audiences: ['a', 'a'] }],
    ['too many audiences', { audiences: Array.from({ length: 257 }, (_, n) => `a${n}`) }],
    ['no token types', { tokenTypes: [] }],
    ['an unknown token type', { tokenTypes: ['dpop+jwt'] }],
    ['a token life of zero', { longestLifetimeSeconds: 0 }],
    ['a token life of more than a day', { longestLifetimeSeconds: 86_401 }],
    ['a token life that is no number', { longestLifetimeSeconds: '3600' }],
    ['an end before its begin', { notAfterSeconds: NOW_SECONDS - 60 }],
    [
      'a life of more than 366 days',
      { notAfterSeconds: NOW_SECONDS - 60 + LONGEST_KEY_LIFETIME_SECONDS + 1 },
    ],
    ['a fraction of a second', { notBeforeSeconds: 0.5 }],
    ['a log key that is none', { requireReceiptFrom: 'log' }],
  ];
  for (const [what, changes] of unusable) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parseKeyScope({ ...makeScope(), ...changes }), refused);
    });
  }

  it('may not name a checkpoint key where a receipt key belongs', () => {
    const checkpointKey = 'id.example/log+9dbd2a9f+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    assert.throws(() => parseKeyScope(makeScope({ requireReceiptFrom: checkpointKey })), refused);
  });

  it('allows the same as another whatever their times and order', () => {
    const scope = makeScope();
    const later = makeScope({ notBeforeSeconds: 1, notAfterSeconds: 2 });
    const turned = makeScope({
      audiences: [...scope.audiences].reverse(),
      tokenTypes: [...scope.tokenTypes].reverse(),
    });
    for (const same of [later, turned]) assert.ok(samePolicy(scope, same));
    const others: Partial<KeyScope>[] = [
      { issuer: 'https://other.example' },
      { tenant: 'globex' },
      { population: 'customer' },
      { audiences: '*' },
      { audiences: ['https://api.example'] },
      { tokenTypes: ['JWT'] },
      { longestLifetimeSeconds: 3599 },
      { requireReceiptFrom: makeLog().vkey },
    ];
    for (const changes of others) assert.ok(!samePolicy(scope, makeScope(changes)));
  });
});

describe('the scope of a new key', () => {
  const log = makeLog();
  const conflict = { code: 'scope_conflict' };

  it('may narrow, widen or add a log', () => {
    checkAgainstOlder(makeScope(), []);
    const older = [makeScope()];
    checkAgainstOlder(makeScope({ audiences: '*' }), older);
    checkAgainstOlder(makeScope({ requireReceiptFrom: log.vkey }), older);
  });

  it('may not move the issuer to another realm', () => {
    for (const changes of [{ tenant: 'globex' }, { population: 'customer' }]) {
      assert.throws(() => checkAgainstOlder(makeScope(changes), [makeScope()]), conflict);
    }
  });

  it('may not drop or change the log that an older key was bound to', () => {
    const older = [makeScope(), makeScope({ requireReceiptFrom: log.vkey })];
    checkAgainstOlder(makeScope({ requireReceiptFrom: log.vkey }), older);
    for (const changes of [{}, { requireReceiptFrom: makeLog().vkey }]) {
      assert.throws(() => checkAgainstOlder(makeScope(changes), older), conflict);
    }
  });
});
