// Cases with a name; what they have in common is held in reconcile.property.test.ts.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ActivityFacts } from '@countersign/vocabulary';
import type { Activity } from './activity.ts';
import { Reconciliation, type ReconciliationOptions } from './reconcile.ts';

const HOUR = 3_600_000;
const DAY = Date.UTC(2026, 10, 10);
const NOON = DAY + 12 * HOUR;
const LATE = DAY + 48 * HOUR;

type Given = Partial<ActivityFacts> & { source?: string; stream?: string };

let count = 0;
function record(kind: ActivityFacts['kind'], timeMs: number, given: Given = {}): Activity {
  const {
    source = kind === 'access' ? 'microsoft-365' : 'entra-sign-in',
    stream,
    ...facts
  } = given;
  count += 1;
  const key = String(count);
  return {
    ...{ at: `log:${key}`, source, key, timeMs },
    facts: { kind, outcome: 'success', operation: kind, ...facts },
    ...(stream === undefined ? {} : { stream }),
  };
}

/** An issuer's log that is on from two days before until two days after. */
function judge(
  issued: Activity[],
  use: Activity,
  { options = {}, revoked = [] }: { options?: ReconciliationOptions; revoked?: Activity[] } = {},
) {
  const run = new Reconciliation(options);
  for (const atMs of [DAY - 10 * 24 * HOUR, LATE]) run.addIssued(record('other', atMs));
  for (const each of issued) run.addIssued(each);
  for (const each of revoked) run.addRevoked(each);
  const judgement = run.addUsed(use);
  assert.ok(judgement);
  const { outcome, why, verdicts } = judgement;
  return {
    outcome,
    why,
    verdicts,
    classes: verdicts.map((each) => each.class),
    report: run.report(),
  };
}

const ada = { persons: ['upn:ada@acme.example'], client: 'outlook', asn: '100' };
const token = { ...ada, tokens: ['uti:One'], sessions: ['sid:s-1'] };

describe('a token that the issuer’s log does not have', () => {
  const other = record('token', NOON - HOUR, {
    ...ada,
    tokens: ['uti:Two'],
    sessions: ['sid:s-2'],
  });

  test('was never issued', () => {
    const { outcome, verdicts } = judge([other], record('access', NOON, token));
    assert.equal(outcome, 'unissued');
    assert.deepEqual([verdicts[0]?.class, verdicts[0]?.confidence], ['never_issued', 'high']);
  });

  test('is told with less confidence when its session is there: a record may have been lost', () => {
    const use = record('access', NOON, { ...token, sessions: ['sid:s-2'] });
    const { verdicts } = judge([other], use);
    assert.deepEqual([verdicts[0]?.class, verdicts[0]?.confidence], ['never_issued', 'medium']);
  });

  test('is another one when only its case differs: ids are case-sensitive', () => {
    const use = record('access', NOON, { ...ada, tokens: ['uti:two'] });
    assert.equal(judge([other], use).outcome, 'unissued');
  });

  test('is undecided past the watermark, and before the log begins', () => {
    assert.equal(judge([other], record('access', LATE - 60_000, token)).why, 'after_log');
    const early = record('access', DAY - 10 * 24 * HOUR + HOUR, token);
    assert.equal(judge([other], early).why, 'before_log');
    const old = record('access', NOON, { ...token, tokenIssuedMs: DAY - 11 * 24 * HOUR });
    assert.equal(judge([other], old).why, 'before_log');
  });

  test('is undecided where the issuer’s log has a hole', () => {
    const hole = record('other', NOON - 2 * HOUR, { gap: 'throttled' });
    assert.equal(judge([other, hole], record('access', NOON, token)).why, 'in_gap');
    // Unless the token itself says that it is of another hour.
    const use = record('access', NOON, { ...token, tokenIssuedMs: NOON - HOUR });
    assert.equal(judge([other, hole], use).outcome, 'unissued');
  });

  test('is undecided while a log of the issuer is missing, which the report names', () => {
    const only = { ...other, stream: 'interactive' };
    const { why, report } = judge([only], record('access', NOON, token));
    assert.equal(why, 'stream_missing');
    assert.deepEqual(report.issued.missingStreams, ['non_interactive']);
    const options = { complete: true };
    assert.equal(judge([only], record('access', NOON, token), { options }).outcome, 'unissued');
  });

  test('is undecided after one of the logs that it may stand in has ended, or before that begins', () => {
    const at = (stream: string, timeMs: number): Activity => {
      return { ...record('token', timeMs, { ...other.facts, kind: 'token' }), stream };
    };
    const whole = [DAY - 8 * 24 * HOUR, NOON, LATE].map((timeMs) => at('interactive', timeMs));
    const cut = [DAY - 8 * 24 * HOUR, NOON - 30 * HOUR].map((ms) => at('non_interactive', ms));
    assert.equal(judge([...whole, ...cut], record('access', NOON, token)).why, 'after_log');
    const late = at('non_interactive', LATE);
    assert.equal(judge([...whole, late], record('access', NOON, token)).why, 'before_log');
    const both = [...whole, ...cut, late];
    assert.equal(judge(both, record('access', NOON, token)).outcome, 'unissued');
    const options = { complete: true };
    const trusted = judge([...whole, ...cut], record('access', NOON, token), { options });
    assert.equal(trusted.outcome, 'unissued');
  });

  test('is undecided for an object id alone, while the log of managed identities is missing', () => {
    const streams = ['interactive', 'non_interactive', 'service_principal'];
    const logs = streams.map((stream, at) => ({ ...other, key: `of ${at}`, stream }));
    const use = record('access', NOON, { ...token, persons: ['oid:machine'] });
    const { why, report } = judge(logs, use);
    assert.equal(why, 'stream_missing');
    assert.deepEqual(report.issued.missingStreams, ['managed_identity']);
  });

  test('is undecided when the person signed in without an id being written down', () => {
    const nameless = record('sign_in', NOON - HOUR, ada);
    assert.equal(judge([other, nameless], record('access', NOON, token)).why, 'issued_without_id');
    const foreign = record('sign_in', NOON - HOUR, { ...ada, persons: ['upn:bob@acme.example'] });
    assert.equal(judge([other, foreign], record('access', NOON, token)).outcome, 'unissued');
  });

  test('is undecided when it is of another tenant, and not joinable when of another house', () => {
    const acme = record('token', NOON, { ...ada, tokens: ['uti:Two'], tenant: 'acme' });
    const run = new Reconciliation();
    for (const atMs of [DAY - 48 * HOUR, LATE])
      run.addIssued(record('other', atMs, { tenant: 'acme' }));
    run.addIssued(acme);
    assert.equal(
      run.addUsed(record('access', NOON, { ...token, tenant: 'umbrella' }))?.why,
      'other_tenant',
    );
    const okta = record('access', NOON, { tokens: ['uti:One'], source: 'okta' });
    assert.equal(run.addUsed(okta)?.why, 'other_issuer');
  });

  test('is never said of a key that is made once and used for years', () => {
    const [source, ip] = ['cloudtrail', '192.0.2.7'];
    const log = [
      ...[DAY - 48 * HOUR, LATE].map((atMs) => record('other', atMs, { source })),
      record('token', NOON, { tokens: ['key:ASIAX'], source }),
    ];
    const use = record('access', NOON, { tokens: ['key:AKIAX'], source, ip });
    assert.equal(judge(log, use).why, 'lasting_key');
    const forged = record('access', NOON, { tokens: ['key:ASIAY'], source, ip });
    assert.equal(judge(log, forged).outcome, 'unissued');
    // AWS itself acts for people, with credentials of its own making, and from no address.
    const inside = record('access', NOON, { tokens: ['key:ASIAY'], source });
    assert.equal(judge(log, inside).why, 'made_inside');
  });
});

describe('a token that the issuer’s log has', () => {
  const issue = record('token', NOON - HOUR, token);

  test('is fine in the same hands', () => {
    const { outcome, verdicts } = judge([issue], record('access', NOON, token));
    assert.deepEqual([outcome, verdicts], ['token', []]);
  });

  const changes: [string, Given, string][] = [
    ['by another person', { persons: ['upn:bob@acme.example'] }, 'other_person'],
    ['by another client', { client: 'tool' }, 'other_client'],
    ['from another network', { asn: '9009' }, 'other_network'],
    ['with another time of issue', { tokenIssuedMs: NOON - 3 * HOUR }, 'reused_id'],
  ];
  for (const [how, change, expected] of changes)
    test(`used ${how}: ${expected}`, () => {
      const { classes } = judge([issue], record('access', NOON, { ...token, ...change }));
      assert.deepEqual(classes, [expected]);
    });

  test('used after its end, or before it was issued, is outside of its lifetime', () => {
    const ends = record('token', NOON - HOUR, { ...token, tokenExpiresMs: NOON });
    assert.deepEqual(judge([ends], record('access', NOON + HOUR, token)).classes, [
      'outside_lifetime',
    ]);
    assert.deepEqual(judge([issue], record('access', NOON - 2 * HOUR, token)).classes, [
      'outside_lifetime',
    ]);
  });

  test('from a network that the person signs in from later belongs to somebody who walked', () => {
    const later = record('token', NOON + HOUR, { ...ada, tokens: ['uti:Two'], asn: '200' });
    const use = record('access', NOON, { ...token, asn: '200' });
    assert.deepEqual(judge([issue, later], use).classes, []);
    const muchLater = { ...later, timeMs: NOON + 3 * HOUR };
    assert.deepEqual(judge([issue, muchLater], use).classes, ['other_network']);
  });

  test('names that cannot be compared accuse nobody', () => {
    const use = record('access', NOON, { tokens: token.tokens, persons: ['puid:1003'] });
    const { verdicts, report } = judge([issue], use);
    assert.deepEqual(verdicts, []);
    assert.deepEqual(report.notCompared, { person: 1, client: 1, network: 1, lifetime: 1 });
  });

  test('after its session, or all of the person’s, was ended: a resource may take five minutes', () => {
    const ended = (facts: Given) => [
      record('revocation', NOON, { source: 'entra-audit', ...facts }),
    ];
    for (const facts of [
      { sessions: ['sid:s-1'] },
      { persons: ada.persons },
      { tokens: ['uti:One'] },
    ]) {
      const revoked = ended(facts);
      const soon = judge([issue], record('access', NOON + 60_000, token), { revoked });
      assert.deepEqual(soon.classes, []);
      const late = judge([issue], record('access', NOON + 6 * 60_000, token), { revoked });
      assert.deepEqual(late.classes, ['after_revocation']);
    }
    const newer = record('token', NOON + HOUR, { ...token, tokens: ['uti:New'] });
    const use = record('access', NOON + HOUR, { ...token, tokens: ['uti:New'] });
    assert.deepEqual(judge([newer], use, { revoked: ended({ persons: ada.persons }) }).classes, []);
  });

  test('given to two people by the issuer’s own log is a reused id', () => {
    const twice = record('token', NOON, { ...token, persons: ['upn:bob@acme.example'] });
    const { report } = judge([issue, twice], record('access', NOON, token));
    assert.deepEqual(
      report.findings.map((each) => each.class),
      ['reused_id'],
    );
    const again = { ...issue, key: 'again' };
    assert.deepEqual(judge([issue, again], record('access', NOON, token)).report.findings, []);
  });
});

test('a role is handed to another than who asked for it, and used by whom it was handed to', () => {
  const [source, tokens, ip] = ['cloudtrail', ['key:ASIAX'], '192.0.2.7'];
  const issue = record('token', NOON - HOUR, {
    source,
    tokens,
    ip,
    persons: ['arn:user'],
    operation: 'AssumeRole',
  });
  const use = record('access', NOON, { source, tokens, ip, persons: ['arn:role'] });
  const { outcome, verdicts } = judge([issue], use);
  assert.deepEqual([outcome, verdicts], ['token', []]);
});

test('a browser that two people use is no token that was given to two', () => {
  const shared = { source: 'okta', tokens: ['dtHash:d1'] };
  const issues = ['ada', 'bob'].map((name) =>
    record('sign_in', NOON - HOUR, {
      ...shared,
      sessions: [`sid:${name}`],
      persons: [`id:${name}`],
    }),
  );
  const use = record('access', NOON, { ...shared, sessions: ['sid:bob'], persons: ['id:bob'] });
  const { outcome, report } = judge(issues, use);
  assert.deepEqual([outcome, report.findings], ['session', []]);
});

test('person, client and time join weakly, and accuse nobody', () => {
  const issue = record('sign_in', NOON - HOUR, token);
  const use = record('access', NOON, { persons: ada.persons, client: 'outlook', asn: '9009' });
  const { outcome, verdicts } = judge([issue], use);
  assert.deepEqual([outcome, verdicts], ['weak', []]);
  const other = record('access', NOON, { persons: ada.persons, client: 'tool' });
  assert.equal(judge([issue], other).why, 'no_linkable_id');
});

test('many uses of one forged token are one finding, which counts them', () => {
  const run = new Reconciliation({ limits: { mostFindings: 2 } });
  for (const atMs of [DAY - 48 * HOUR, LATE])
    run.addIssued(record('token', atMs, { tokens: ['uti:x'] }));
  const items = [{ kind: 'mail' as const, id: '<a>' }];
  for (const id of ['a', 'a', 'a', 'b', 'c'])
    run.addUsed(record('access', NOON, { ...ada, tokens: [`uti:${id}`], items }));
  const { findings, leftOut, findingRecords } = run.report();
  assert.deepEqual(
    findings.map(({ id, count: times, items: named }) => [id, times, named]),
    [
      ['uti:a', 3, 3],
      ['uti:b', 1, 1],
    ],
  );
  assert.deepEqual([leftOut, findingRecords.never_issued], [1, 5]);
});

test('one export may be both logs: what was used shows nothing of how far the issuer reaches', () => {
  const issue = record('token', NOON - HOUR, token);
  const late = record('access', LATE, { ...token, tokens: ['uti:forged'] });
  const own = record('other', LATE, { source: 'countersign' });
  const run = new Reconciliation();
  const all = [record('other', DAY - 48 * HOUR), issue, late, own];
  for (const each of all) run.addIssued(each);
  assert.equal(run.addUsed(late)?.why, 'after_log');
  assert.equal(run.addUsed(record('access', NOON - HOUR, token))?.outcome, 'token');
});

test('what is issued comes before what is used, or a use would be judged by half of it', () => {
  const run = new Reconciliation();
  run.addUsed(record('access', NOON, token));
  assert.throws(() => run.addIssued(record('token', NOON, token)), /before the first use/);
  assert.throws(() => run.addRevoked(record('revocation', NOON)), /before the first use/);
});
