import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NoteKey } from '../note/verifier-key.ts';
import { TestCosigner } from '../testing/test-cosigner.ts';
import { meetsQuorum } from './meets-quorum.ts';
import { MAX_TLOG_POLICY_LENGTH, parseTlogPolicy } from './tlog-policy.ts';

const log = new TestCosigner('log.example/log', 'ed25519');
const witnesses = Array.from(
  { length: 70 },
  (_, at) => new TestCosigner(`witness.example/${at}`, at % 8 === 7 ? 'mldsa44' : 'cosignature'),
);
const witness = (at: number): TestCosigner => witnesses[at] ?? log;
const line = (at: number, name = `w${at}`) => `witness ${name} ${witness(at).keyText}`;
const policyOf = (...lines: string[]) => `${lines.join('\n')}\n`;
const keys = (...ats: number[]): NoteKey[] => ats.map((at) => witness(at).key);

/** The example of the standard: two of three X, and one of three Y. */
const TWO_LEVELS = policyOf(
  `log ${log.keyText}`,
  '',
  ...[0, 1, 2].map((at) => line(at, `X${at}`)),
  'group X-witnesses 2 X0 X1 X2',
  ...[3, 4, 5].map((at) => line(at, `Y${at}`)),
  'group Y-witnesses any Y3 Y4 Y5',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
);

describe('a tlog-policy', () => {
  it('is read with logs, witnesses, groups, quorum and URLs', () => {
    const text = policyOf(
      '# who watches',
      `\tlog   ${log.keyText}\thttps://log.example/log  `,
      '   # indented',
      ' \t ',
      `${line(0)} https://witness.example/0`,
      line(7),
      'group g 2 w0 w7',
      'quorum g',
    );
    const policy = parseTlogPolicy(text);
    assert.deepEqual(policy.logs, [{ key: log.key, url: 'https://log.example/log' }]);
    assert.deepEqual(
      [...policy.witnesses],
      [
        ['w0', { key: witness(0).key, url: 'https://witness.example/0' }],
        ['w7', { key: witness(7).key }],
      ],
    );
    assert.deepEqual([...policy.groups], [['g', { threshold: 2, members: ['w0', 'w7'] }]]);
    assert.equal(policy.quorum, 'g');
  });

  it('needs no log, no witness and no group, but always a quorum', () => {
    const policy = parseTlogPolicy('quorum none\n');
    assert.deepEqual([policy.logs, policy.witnesses.size, policy.groups.size], [[], 0, 0]);
    for (const text of ['', '\n', '# nothing\n', policyOf(line(0))]) {
      assert.throws(() => parseTlogPolicy(text), { code: 'tlog_policy_malformed' });
    }
  });

  it('may hold what is not ASCII in names, URLs and comments, and compares names exactly', () => {
    const kelvin = policyOf('# größer', line(0, 'K'), line(1, '\u212a'), 'quorum \u212a');
    const policy = parseTlogPolicy(kelvin);
    assert.ok(meetsQuorum(policy, keys(1)));
    assert.ok(!meetsQuorum(policy, keys(0)));
  });

  it('takes 64 logs, witnesses and groups, and not one more', () => {
    const logs = Array.from({ length: 64 }, (_, at) => new TestCosigner(`log/${at}`, 'ed25519'));
    const many = (count: number) =>
      policyOf(
        ...logs.map(({ keyText }) => `log ${keyText}`),
        ...Array.from({ length: count }, (_, at) => line(at)),
        ...Array.from({ length: 64 }, (_, at) => `group g${at} any w${at}`),
        'quorum g63',
      );
    assert.equal(parseTlogPolicy(many(64)).witnesses.size, 64);
    assert.throws(() => parseTlogPolicy(many(65)), { code: 'tlog_policy_malformed' });
    const long = `#${'x'.repeat(MAX_TLOG_POLICY_LENGTH)}\nquorum none\n`;
    assert.throws(() => parseTlogPolicy(long), { code: 'tlog_policy_malformed' });
  });

  const refused: Record<string, string> = {
    'no final newline': `${line(0)}\nquorum w0`,
    'a carriage return': `${line(0)}\r\nquorum w0\r\n`,
    'a NUL': `# \u0000\nquorum none\n`,
    'a DEL': `# \u007f\nquorum none\n`,
    'an unknown word': policyOf('witnesses', 'quorum none'),
    'a word in capitals': policyOf('Quorum none'),
    'a second quorum': policyOf('quorum none', 'quorum none'),
    'a quorum of nobody': policyOf('quorum'),
    'a quorum of two': policyOf(line(0), line(1), 'quorum w0 w1'),
    'a quorum that is not defined': policyOf('quorum w0'),
    'a quorum that is defined later': policyOf('quorum w0', line(0)),
    'a group without members': policyOf('group g any', 'quorum none'),
    'a group of what comes later': policyOf('group g any w0', line(0), 'quorum g'),
    'a group of itself': policyOf('group g any g', 'quorum g'),
    'a group of none': policyOf(line(0), 'group g any none w0', 'quorum g'),
    'a member twice in a group': policyOf(line(0), 'group g 2 w0 w0', 'quorum g'),
    'a member of two groups': policyOf(
      line(0),
      line(1),
      'group g any w0',
      'group h any w0 w1',
      'quorum h',
    ),
    'a witness called none': policyOf(line(0, 'none'), 'quorum none'),
    'a group called none': policyOf(line(0), 'group none any w0', 'quorum none'),
    'a name twice': policyOf(line(0, 'w'), line(1, 'w'), 'quorum w'),
    'a group with the name of a witness': policyOf(line(0), 'group w0 any w0', 'quorum w0'),
    'one key for two witnesses': policyOf(line(0, 'a'), line(0, 'b'), 'quorum a'),
    'one key for two logs': policyOf(`log ${log.keyText}`, `log ${log.keyText}`, 'quorum none'),
    'a witness without key': policyOf('witness w0', 'quorum none'),
    'a witness with too much': policyOf(`${line(0)} https://a.example b`, 'quorum w0'),
    'a log without key': policyOf('log', 'quorum none'),
    'a log with too much': policyOf(`log ${log.keyText} https://a.example b`, 'quorum none'),
    'a log key as a witness': policyOf(`witness w ${log.keyText}`, 'quorum w'),
    'a witness key as a log': policyOf(`log ${witness(0).keyText}`, 'quorum none'),
  };
  for (const [what, text] of Object.entries(refused)) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parseTlogPolicy(text), { code: 'tlog_policy_malformed' });
    });
  }

  it('is refused with a threshold that is no number from 1 to the number of members', () => {
    for (const threshold of ['0', '3', '01', '+1', '1.0', '1e0', '-1', 'ALL', '²', '99999']) {
      const text = policyOf(line(0), line(1), `group g ${threshold} w0 w1`, 'quorum g');
      assert.throws(() => parseTlogPolicy(text), { code: 'tlog_policy_malformed' }, threshold);
    }
  });

  it('is refused with a key text that is none, and says in which line a fault is', () => {
    assert.throws(() => parseTlogPolicy(policyOf('witness w nonsense', 'quorum w')), {
      code: 'vkey_malformed',
    });
    assert.throws(() => parseTlogPolicy(policyOf('# first', 'quorum w')), { message: /^Line 2 / });
  });

  it('is either read or refused with a code, whatever the text', () => {
    const words = ['log', 'witness', 'group', 'quorum', 'none', 'any', '2', 'w0', log.keyText];
    const item = fc.constantFrom(...words, line(0), '#', '\t', '\n', ' ', '\n\n', 'é');
    fc.assert(
      fc.property(fc.array(item, { maxLength: 40 }), (items) => {
        try {
          const { quorum } = parseTlogPolicy(`${items.join(' ')}\n`);
          assert.ok(quorum === 'none' || quorum === 'w0' || quorum.length > 0);
        } catch (error) {
          const { code } = error as { code?: string };
          assert.ok(code === 'tlog_policy_malformed' || code === 'vkey_malformed', String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a quorum', () => {
  it('is met by enough of the right witnesses, through groups of groups', () => {
    const policy = parseTlogPolicy(TWO_LEVELS);
    const enough: number[][] = [
      [0, 1, 3],
      [1, 2, 5],
      [0, 1, 2, 3, 4, 5],
    ];
    for (const ats of enough) assert.ok(meetsQuorum(policy, keys(...ats)), String(ats));
    const tooFew: number[][] = [[], [0, 3], [0, 1, 2], [3, 4, 5], [0, 0, 3], [6, 7, 8, 9]];
    for (const ats of tooFew) assert.ok(!meetsQuorum(policy, keys(...ats)), String(ats));
  });

  it('is met by nobody for none, and never by the log itself', () => {
    assert.ok(meetsQuorum(parseTlogPolicy('quorum none\n'), []));
    const one = parseTlogPolicy(policyOf(`log ${log.keyText}`, line(0), 'quorum w0'));
    assert.ok(!meetsQuorum(one, [log.key]));
    assert.ok(meetsQuorum(one, keys(0)));
  });

  it('does not take a key of the same name, or the same key of another name or type', () => {
    const policy = parseTlogPolicy(policyOf(line(0), 'quorum w0'));
    const { key } = witness(0);
    for (const change of [
      { name: 'other' },
      { purpose: 'ed25519' as const },
      { publicKey: witness(1).key.publicKey },
    ]) {
      assert.ok(!meetsQuorum(policy, [{ ...key, ...change }]));
    }
    assert.ok(meetsQuorum(policy, [{ ...key }]));
  });

  it('of k in n is met by exactly the sets of at least k', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }).chain((count) =>
          fc.record({
            count: fc.constant(count),
            threshold: fc.integer({ min: 1, max: count }),
            present: fc.subarray(Array.from({ length: 9 }, (_, at) => at)),
          }),
        ),
        ({ count, threshold, present }) => {
          const ats = Array.from({ length: count }, (_, at) => at);
          const policy = parseTlogPolicy(
            policyOf(
              ...ats.map((at) => line(at)),
              `group g ${threshold} ${ats.map((at) => `w${at}`).join(' ')}`,
              'quorum g',
            ),
          );
          const counted = present.filter((at) => at < count).length;
          assert.equal(meetsQuorum(policy, keys(...present)), counted >= threshold);
        },
      ),
    );
  });
});
