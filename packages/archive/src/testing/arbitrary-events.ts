// Random events in the forms that trouble comparisons, and random filters over them: values are drawn from
// one small pool, so that filters find something.

import fc from 'fast-check';

const ADDRESSES = [
  ...['10.0.0.1', '10.1.2.3', '10.255.255.255', '172.16.0.9', '172.31.4.4', '192.0.2.200'],
  ...['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', '::', '::1', '::ffff:10.0.0.1', 'fe80::1%eth0'],
  ...['10.0.0.256', '1:2:3:4:5:6:7:8', '1:2:3', '::ffff:10.0.0.1%a', '2001:db8::1::2', 'nowhere'],
];
const WORDS = [
  ...[
    'alice',
    'Alice',
    'ALICE',
    'bob',
    'upn:alice',
    'uti:x',
    'a*b',
    'a?b',
    'ab',
    '',
    ' ',
    '5',
    '5.0',
    '-3',
    'true',
    '1e21',
  ],
  ...[
    'line\nfeed',
    'quote"s',
    'back\\slash',
    '{"a":1}',
    '[1]',
    'ü',
    'Ü',
    'K',
    'k',
    'ſ',
    's',
    '%',
    '_',
  ],
  ...[
    'Mail',
    'MailItemsAccessed',
    'mailitems',
    '.*',
    '日本',
    '😀',
    'İ',
    'i',
    "o'clock",
    '\t',
    '\u2028',
  ],
];
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: fc.constantFrom(...ADDRESSES) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
);
const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(0.5, 1e21, 1e-7, 3002, 100_000_000_000_000_000_000, 123_456.789),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const scalar = fc.oneof(word, number, fc.boolean(), fc.constant(null));
const member = fc.constantFrom('a', 'b', 'odd name', 'uid', 'x');
const tree = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(member, tie('value'), { maxKeys: 3 }),
})).value;

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const ids = maybe(fc.array(word, { maxLength: 3 }));
const user = maybe(fc.record({ uid: maybe(word), name: maybe(word) }));

/** An event as parsed JSON. Not OCSF by its rules: what is compared may have any form. */
export const anyEvent = fc.record({
  time: fc.integer({ min: 1_795_000_000_000, max: 1_795_000_100_000 }),
  class_uid: fc.constantFrom(3002, 6003, 2004),
  severity_id: maybe(fc.integer({ min: 0, max: 6 })),
  status_id: maybe(fc.constantFrom(1, 2)),
  metadata: fc.record({ uid: fc.uuid(), logged_time: maybe(fc.nat()) }),
  user,
  actor: maybe(fc.record({ user })),
  session: maybe(fc.record({ uid: word })),
  api: maybe(fc.record({ operation: word })),
  src_endpoint: maybe(fc.record({ ip: maybe(fc.constantFrom(...ADDRESSES)), port: maybe(number) })),
  device: maybe(fc.record({ ip: maybe(fc.constantFrom(...ADDRESSES)), name: maybe(scalar) })),
  files: maybe(fc.array(tree, { maxLength: 3 })),
  unmapped: maybe(
    fc.record({
      tree,
      countersign: maybe(
        fc.record({
          kid: maybe(word),
          client_id: maybe(word),
          aud: ids,
          activity: maybe(fc.record({ operation: word, persons: ids, tokens: ids, sessions: ids })),
        }),
      ),
    }),
  ),
});

const TEXT_FIELDS = [
  ...[
    'person',
    'actor',
    'app',
    'session',
    'kid',
    'token',
    'audience',
    'operation',
    'name',
    'source',
  ],
  ...['user.uid', 'actor.user.uid', 'tenant'],
];
const NUMBER_FIELDS = ['class', 'severity', 'status', 'sequence', 'number', 'type_uid'];
const PATHS = [
  ...[
    'actor.user.name',
    'src_endpoint.port',
    'device.name',
    'files[]',
    'files[0]',
    'files[].a',
    'files[].uid',
  ],
  ...[
    'unmapped.tree',
    'unmapped.tree.a',
    'unmapped.tree[].b',
    'unmapped.tree.a.b',
    'files[].a[].b',
  ],
  ...[
    'unmapped.tree.`odd name`',
    'unmapped.countersign.activity.tokens[]',
    'device.ip',
    'files[1].x',
  ],
];
const NETWORKS = [
  ...['10.0.0.0/8', '172.16.0.0/12', '10.1.2.3/32', '0.0.0.0/0', '192.0.2.128/25', '10.0.0.0/15'],
  ...['2001:db8::/32', '::/0', '::1/128', '2001:db8::/127', 'fe80::/10'],
];

const quoted = word.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`);
const pattern = fc
  .array(
    fc.oneof(
      fc.constantFrom('*', '?'),
      word.map((text) => text.replace(/[*?"\\]/g, '\\$&')),
    ),
    {
      maxLength: 3,
    },
  )
  .map((pieces) => `"${pieces.join('')}"`);
const plainNumber = fc
  .oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(0.5, 3002))
  .map(String);
const whole = fc.integer({ min: 0, max: 60 }).map(String);
const moment = fc.integer({ min: 1_795_000_000_000, max: 1_795_000_100_000 }).map(String);
const order = fc.constantFrom('<', '<=', '>', '>=');
const textPlace = fc.oneof(fc.constantFrom(...TEXT_FIELDS), fc.constantFrom(...PATHS));
const any = fc.oneof(textPlace, fc.constantFrom(...NUMBER_FIELDS, 'time', 'ip'));

const join = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((all) => all.join(' '));
const say = (text: string) => fc.constant(text);
const term = fc.oneof(
  join(textPlace, fc.constantFrom('=', '!='), fc.oneof(quoted, plainNumber)),
  join(textPlace, fc.constantFrom('~', '!~'), pattern),
  fc
    .tuple(textPlace, fc.array(quoted, { minLength: 1, maxLength: 6 }))
    .map(([place, values]) => `${place} in (${values.join(', ')})`),
  join(fc.constantFrom(...PATHS), order, plainNumber),
  join(fc.constantFrom(...NUMBER_FIELDS), fc.oneof(order, fc.constantFrom('=', '!=')), whole),
  fc
    .tuple(fc.constantFrom(...NUMBER_FIELDS, ...PATHS), fc.nat(9), fc.nat(9))
    .map(([place, from, more]) => `${place} in ${from}..${from + more}`),
  join(say('time'), order, moment),
  join(fc.constantFrom('ip', 'device.ip'), say('in'), fc.constantFrom(...NETWORKS)),
  join(say('ip ='), fc.constantFrom('10.0.0.1', '2001:db8::1', '::1')),
  join(say('ip ~'), pattern),
  any.map((place) => `exists(${place})`),
  word.filter((text) => text !== '').map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`),
);

/** A filter as a person could write it. */
export const anyFilter: fc.Arbitrary<string> = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    term,
    join(say('not ('), tie('filter'), say(')')),
    join(say('('), tie('filter'), fc.constantFrom('and', 'or'), tie('filter'), say(')')),
  ),
})).filter;
