// What a forger can do to a bundle, at every level of it: each is caught, and named for what it is.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { AnchorProof } from '../anchor/anchor-proof.ts';
import { hashEvent } from '../leaf/hash-event.ts';
import {
  at,
  cutAfter,
  drop,
  edit,
  editAnchor,
  editLeaves,
  flip,
  flipFirst,
  makeWorld,
  pose,
  repeat,
  segmentOf,
  swap,
  type Tamper,
  type World,
} from '../testing/tamper.ts';
import { inChunks } from '../testing/test-trail.ts';
import type { Alteration, BundleFault, BundleVerdict, TrailLevel } from './verdict.ts';
import { type VerifyOptions, verifyBundle } from './verify-bundle.ts';

type Expected = [BundleFault, Alteration, TrailLevel];
type Pins = (world: World) => AnchorProof[];

let world: World;

/** A whole event put in place of another, leaf included. */
const forge: Tamper = async (world) => {
  const salt = Buffer.alloc(16, 9);
  const text = '{"message":"nothing happened"}';
  const forged = `e 6 ${salt.toString('base64url')} ${text}`;
  const listed = await editLeaves(5, (leaves) => leaves.with(1, hashEvent(salt, text)))(world);
  const lines = typeof listed === 'string' ? listed.split('\n') : listed;
  return lines.with(at(lines, 'e 6 '), forged);
};

const CASES: [string, Expected, Tamper, Pins?][] = [
  // The events.
  [
    'a letter of an event',
    ['invalid', 'flipped', 'event'],
    edit('e 6 ', (line) => line.replace('event', 'Event')),
  ],
  [
    'a letter of an event in the tail',
    ['invalid', 'flipped', 'event'],
    edit('e 14 ', (line) => line.replace('event', 'Event')),
  ],
  [
    'the salt of an event',
    ['invalid', 'flipped', 'event'],
    edit('e 6 ', (line) =>
      line.replace(/^e 6 ./, (start) => `e 6 ${start.endsWith('A') ? 'B' : 'A'}`),
    ),
  ],
  ['a dropped event', ['missing', 'dropped', 'event'], drop('e 6 ')],
  ['a dropped event in the tail', ['missing', 'dropped', 'event'], drop('e 14 ')],
  ['the last event of a segment, dropped', ['missing', 'dropped', 'event'], drop('e 8 ')],
  ['two events in each other’s place', ['invalid', 'reordered', 'event'], swap('e 6 ', 'e 7 ')],
  [
    'two events under each other’s number',
    ['invalid', 'reordered', 'event'],
    ({ lines }) => {
      const texts = [6, 7].map((number) => (lines[at(lines, `e ${number} `)] ?? '').slice(4));
      return lines
        .with(at(lines, 'e 6 '), `e 6 ${texts[1]}`)
        .with(at(lines, 'e 7 '), `e 7 ${texts[0]}`);
    },
  ],
  ['an event in the place of another', ['invalid', 'replayed', 'event'], pose(6, 7)],
  ['an event a second time', ['invalid', 'replayed', 'event'], repeat('e 6 ')],
  ['an event again in a later segment', ['invalid', 'replayed', 'event'], repeat('e 6 ', 'e 10 ')],
  ['an event before its segment', ['invalid', 'dropped', 'leaves'], repeat('e 10 ', 'e 6 ')],
  [
    'an event of another history',
    ['invalid', 'flipped', 'event'],
    ({ lines, other }) =>
      lines.with(
        at(lines, 'e 6 '),
        other.text.split('\n').find((line) => line.startsWith('e 6 ')) ?? '',
      ),
  ],
  [
    'an event declared erased that is there as well',
    ['invalid', 'malformed', 'bundle'],
    ({ lines }) => lines.toSpliced(at(lines, 'e 6 ') + 1, 0, 'x 6'),
  ],
  // The list of leaves.
  [
    'a bit of a leaf',
    ['invalid', 'flipped', 'leaves'],
    editLeaves(5, (leaves) =>
      leaves.with(1, Buffer.from(flipFirst(leaves[1] ?? Buffer.alloc(32)))),
    ),
  ],
  [
    'a bit of a leaf in the tail',
    ['invalid', 'flipped', 'leaves'],
    editLeaves(13, (leaves) =>
      leaves.with(1, Buffer.from(flipFirst(leaves[1] ?? Buffer.alloc(32)))),
    ),
  ],
  [
    'a dropped leaf',
    ['missing', 'dropped', 'leaves'],
    editLeaves(5, (leaves) => leaves.toSpliced(3, 1)),
  ],
  ['a dropped list', ['missing', 'dropped', 'leaves'], drop('leaves 13 ')],
  [
    'two leaves in each other’s place',
    ['invalid', 'reordered', 'leaves'],
    editLeaves(5, ([a, b, c, d]) => [a, c, b, d] as Buffer[]),
  ],
  [
    'a leaf in the place of another',
    ['invalid', 'flipped', 'leaves'],
    editLeaves(5, ([a, b, , d]) => [a, b, b, d] as Buffer[]),
  ],
  ['a list a second time', ['invalid', 'replayed', 'leaves'], repeat('leaves 5 ', 'e 8 ')],
  ['an event exchanged together with its leaf', ['invalid', 'forked', 'chain'], forge],
  // The manifests.
  [
    'the time of a seal',
    ['invalid', 'flipped', 'manifest'],
    edit('segment {', (line) => line.replace(/"sealedMs":\d/, '"sealedMs":9')),
  ],
  [
    'the root of a manifest',
    ['invalid', 'flipped', 'manifest'],
    edit('segment {', (line) => line.replace(/(?<="root":")[0-9a-f]+/, flip)),
  ],
  [
    'the head after a segment',
    ['invalid', 'flipped', 'manifest'],
    edit('segment {', (line) => line.replace(/(?<="headAfter":")[0-9a-f]+/, flip)),
  ],
  [
    'the head before a segment',
    ['invalid', 'forked', 'chain'],
    edit('segment {', (line) => line.replace(/(?<="headBefore":")[0-9a-f]+/, flip)),
  ],
  [
    'a manifest of another tenant',
    ['invalid', 'foreign', 'manifest'],
    edit('segment {', (line) => line.replace('"tenant":"acme"', '"tenant":"evil"')),
  ],
  [
    'a manifest that is not canonical',
    ['invalid', 'malformed', 'bundle'],
    edit('segment {', (line) => line.replace('{"', '{ "')),
  ],
  [
    'a dropped segment',
    ['missing', 'dropped', 'manifest'],
    ({ lines }) => {
      const { start, end } = segmentOf(lines, 2);
      return lines.toSpliced(start, end - start);
    },
  ],
  [
    'two segments in each other’s place',
    ['invalid', 'reordered', 'manifest'],
    ({ lines }) => {
      const [two, three] = [segmentOf(lines, 2), segmentOf(lines, 3)];
      return [
        ...lines.slice(0, two.start),
        ...lines.slice(three.start, three.end),
        ...lines.slice(two.start, two.end),
        ...lines.slice(three.end),
      ];
    },
  ],
  [
    'a segment a second time',
    ['invalid', 'replayed', 'manifest'],
    ({ lines }) => {
      const { start, end } = segmentOf(lines, 2);
      return lines.toSpliced(end, 0, ...lines.slice(start, end));
    },
  ],
  [
    'a segment of another history',
    ['invalid', 'forked', 'chain'],
    ({ lines, other }) => {
      const { start, end } = segmentOf(lines, 2);
      const others = other.text.split('\n');
      const theirs = segmentOf(others, 2);
      return lines.toSpliced(start, end - start, ...others.slice(theirs.start, theirs.end));
    },
  ],
  // The end.
  ['a file cut between two lines', ['truncated_tail', 'truncated', 'bundle'], cutAfter('e 15 ')],
  [
    'a file cut within a line',
    ['truncated_tail', 'truncated', 'bundle'],
    ({ text }) => text.slice(0, -4),
  ],
  [
    'a file cut behind its last event',
    ['truncated_tail', 'truncated', 'bundle'],
    cutAfter('e 16 '),
  ],
  [
    'a tail cut off with a new end',
    ['truncated_tail', 'truncated', 'bundle'],
    cutAfter('e 12 ', 'end 12'),
  ],
  [
    'segments and tail cut off with a new end',
    ['truncated_tail', 'truncated', 'bundle'],
    cutAfter('e 8 ', 'end 8'),
  ],
  [
    'another number of events at the end',
    ['invalid', 'malformed', 'bundle'],
    edit('end ', () => 'end 15'),
  ],
  ['lines after the end', ['invalid', 'malformed', 'bundle'], repeat('e 16 ', 'end ')],
  // The trail and its anchor.
  [
    'another tenant',
    ['invalid', 'foreign', 'anchor_entry'],
    edit('trail ', (line) => line.replace('acme', 'evil')),
  ],
  [
    'another installation',
    ['invalid', 'foreign', 'anchor_leaf'],
    edit('trail ', (line) => line.replace('house-1', 'house-2')),
  ],
  [
    'the count of the anchor entry',
    ['invalid', 'flipped', 'anchor_entry'],
    editAnchor((proof) => ({ ...proof, entry: { ...proof.entry, count: 17 } })),
  ],
  [
    'the head of the anchor entry',
    ['invalid', 'flipped', 'anchor_entry'],
    editAnchor((proof) => ({ ...proof, entry: { ...proof.entry, head: flip(proof.entry.head) } })),
  ],
  [
    'the salt of the anchor entry',
    ['invalid', 'flipped', 'anchor_entry'],
    editAnchor((proof) => ({ ...proof, entry: { ...proof.entry, salt: flip(proof.entry.salt) } })),
  ],
  [
    'the path of the anchor entry',
    ['invalid', 'flipped', 'anchor_entry'],
    editAnchor((proof) => ({
      ...proof,
      place: { ...proof.place, path: proof.place.path.map(flipFirst) },
    })),
  ],
  [
    'an older anchor for newer events',
    ['invalid', 'replayed', 'anchor_entry'],
    editAnchor((_, { early }) => early),
  ],
  [
    'an older entry under the newer leaf',
    ['invalid', 'replayed', 'anchor_entry'],
    editAnchor((proof, { early }) => ({ ...proof, entry: early.entry })),
  ],
  ['a dropped anchor', ['invalid', 'malformed', 'bundle'], drop('anchor ')],
  [
    'the leaf of the log',
    ['invalid', 'flipped', 'log_proof'],
    editAnchor((proof) => ({ ...proof, leaf: proof.leaf.with(6, (proof.leaf[6] ?? 0) ^ 1) })),
  ],
  [
    'a hash of the proof of the log',
    ['invalid', 'flipped', 'log_proof'],
    editAnchor((proof) => ({
      ...proof,
      log: proof.log.replace(/(?<=index \d+\n)./, (start) => (start === 'A' ? 'B' : 'A')),
    })),
  ],
  [
    'the index in the log',
    ['invalid', 'flipped', 'log_proof'],
    editAnchor((proof) => ({ ...proof, log: proof.log.replace('index 1\n', 'index 0\n') })),
  ],
  [
    'the root of the checkpoint',
    ['invalid', 'flipped', 'checkpoint'],
    editAnchor((proof) => ({
      ...proof,
      log: proof.log.replace(/(?<=\n2\n)./, (start) => (start === 'A' ? 'B' : 'A')),
    })),
  ],
  [
    'the signature of the checkpoint',
    ['invalid', 'flipped', 'checkpoint'],
    editAnchor((proof) => ({ ...proof, log: proof.log.replace(/.{8}\n$/, 'AAAAAAA=\n') })),
  ],
  [
    'an older checkpoint',
    ['invalid', 'replayed', 'checkpoint'],
    editAnchor((proof, { trail }) => ({
      ...proof,
      log: proof.log.replace(/(?<=\n\n)[\s\S]*$/, trail.log.checkpoint(1)),
    })),
  ],
  [
    'a log that nobody knows',
    ['invalid', 'foreign', 'checkpoint'],
    editAnchor((proof) => ({ ...proof, log: proof.log.replace(/(?<=\n\n)log/, 'gol') })),
  ],
  // What only a kept anchor shows.
  [
    'another history, anchored as well',
    ['invalid', 'forked', 'pin'],
    ({ other }) => other.text,
    ({ early }) => [early],
  ],
  [
    'another anchor of the same number',
    ['invalid', 'forked', 'anchor_entry'],
    ({ other }) => other.text,
    ({ anchor }) => [anchor],
  ],
  [
    'an older bundle than what was pinned',
    ['truncated_tail', 'truncated', 'pin'],
    ({ trail, early }) => trail.bundle(early),
    ({ anchor }) => [anchor],
  ],
];

async function check(
  tampered: string | readonly string[],
  options: VerifyOptions,
): Promise<BundleVerdict> {
  const text = typeof tampered === 'string' ? tampered : tampered.join('\n');
  return verifyBundle(inChunks(text), options);
}

function demand(
  { problems, ok, verdict }: BundleVerdict,
  [fault, alteration, level]: Expected,
): void {
  const named = problems.map((problem) =>
    [problem.fault, problem.alteration, problem.level].join(' '),
  );
  assert.ok(
    named.includes([fault, alteration, level].join(' ')),
    `${fault} ${alteration} ${level} is not among ${named.join(', ')}`,
  );
  assert.equal(ok, false);
  // The worst is told first: a contradiction outweighs what is only not there.
  assert.ok(verdict === fault || verdict === 'invalid', `called ${verdict}`);
}

describe('a bundle with', () => {
  before(async () => {
    world = await makeWorld();
  });

  for (const [name, expected, tamper, pins] of CASES) {
    it(`${name} is ${expected.join(', ')}`, async () => {
      const options = { policy: world.trail.log.policy, pins: pins?.(world) };
      demand(await check(await tamper(world), options), expected);
    });
  }

  it('nothing done to it fails every one of these expectations', async () => {
    const verdict = await check(world.text, {
      policy: world.trail.log.policy,
      pins: [world.early],
    });
    assert.equal(verdict.ok, true);
    for (const [name, expected] of CASES) {
      assert.throws(() => demand(verdict, expected), assert.AssertionError, name);
    }
  });

  it('any one byte changed is caught, but for remarks, which vouch for nothing', async () => {
    const { trail, anchor } = world;
    const view = {
      ...{ closed: new Set([2]), erased: new Set([3, 14]) },
      withhold: (number: number) => number === 10 || number === 11,
    };
    const options = { policy: trail.log.policy };
    for (const text of [world.text, await trail.bundle(anchor, view)]) {
      const bytes = Buffer.from(text, 'utf8');
      assert.equal((await verifyBundle([bytes], options)).ok, true);
      const start = text.indexOf('\ntrail ') + 1;
      const place = fc.oneof(fc.nat(20), fc.integer({ min: start, max: bytes.length - 1 }));
      await fc.assert(
        fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const changed = bytes.with(at, (bytes[at] ?? 0) ^ change);
          assert.equal((await verifyBundle([changed], options)).ok, false, `${at} ^ ${change}`);
        }),
        { numRuns: 400 },
      );
    }
  });

  it('a line of no known kind is malformed, wherever it stands', async () => {
    for (const line of [
      '',
      'q 1 2',
      'e',
      'h 1',
      'x',
      'leaves',
      'end',
      'segment',
      'E 1 2',
      ' e 6 a b',
    ]) {
      for (let place = 1; place < world.lines.length; place += 1) {
        const verdict = await check(world.lines.toSpliced(place, 0, line), {});
        assert.equal(verdict.ok, false, `"${line}" before line ${place + 1}`);
      }
    }
  });

  it('any lines left out, doubled or exchanged is caught', async () => {
    const first = at(world.lines, 'trail ');
    const line = fc.integer({ min: first, max: world.lines.length - 2 });
    const options = { policy: world.trail.log.policy };
    await fc.assert(
      fc.asyncProperty(line, line, fc.constantFrom('drop', 'double', 'swap'), async (a, b, how) => {
        const { lines } = world;
        fc.pre(how !== 'swap' || lines[a] !== lines[b]);
        const changed =
          how === 'drop'
            ? lines.toSpliced(a, 1)
            : how === 'double'
              ? lines.toSpliced(b, 0, lines[a] ?? '')
              : lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '');
        assert.equal((await check(changed, options)).ok, false, `${how} ${lines[a]}`);
      }),
      { numRuns: 300 },
    );
  });

  it('any prefix of it is no whole bundle', async () => {
    const size = Buffer.byteLength(world.text);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: size - 1 }), async (end) => {
        const verdict = await verifyBundle([Buffer.from(world.text).subarray(0, end)]);
        assert.equal(verdict.ok, false);
      }),
      { numRuns: 200 },
    );
  });
});
