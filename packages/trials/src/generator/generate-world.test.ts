import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ATTACKERS, placeAttacks } from '../attackers/place-attacks.ts';
import { linkHistories, TRAITS } from '../logins.ts';
import { auditFingerprint } from './audit-fingerprint.ts';
import { describeWorld, PUBLISHED_FRESH } from './describe-world.ts';
import { generateWorld } from './generate-world.ts';
import { DEFAULT_KNOBS } from './knobs.ts';
import { MIXED_POPULATIONS } from './population-habits.ts';

const world = generateWorld(11, { users: 10_000 });

describe('a made-up world', () => {
  test('is the same for the same seed, and another for another', () => {
    const [one, same, other] = [5, 5, 6].map((seed) => generateWorld(seed, { users: 300 }));
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, other);
  });

  test('is in order of time, within its days, and every trait of every login is known', () => {
    const end = DEFAULT_KNOBS.startMs + (DEFAULT_KNOBS.days + 2) * 86_400_000;
    for (let row = 0; row < world.size; row++) {
      assert.ok(world.timeMs[row]! >= (world.timeMs[row - 1] ?? DEFAULT_KNOBS.startMs));
      assert.ok(world.timeMs[row]! < end);
      for (const trait of TRAITS) assert.ok(world.traits[trait][row]! > 0, trait);
    }
  });

  test('shows as much that is new to a person as the published data do', () => {
    const { fresh, singles } = describeWorld(world);
    const tolerance = { ip: 0.02, asn: 0.015, country: 0.0015, ua: 0.02, browser: 0.02 };
    for (const trait of TRAITS) {
      const allowed = { ...tolerance, os: 0.015, device: 0.012 }[trait];
      const difference = Math.abs(fresh[trait] - PUBLISHED_FRESH[trait]);
      assert.ok(difference < allowed, `${trait} ${fresh[trait]}`);
    }
    assert.ok(Math.abs(singles - 0.397) < 0.02);
  });

  test('of mixed populations has people of each, with habits of their own', () => {
    const mixed = generateWorld(3, { users: 2000, populations: MIXED_POPULATIONS });
    const logins = { workforce: 0, partner: 0, customer: 0, device: 0 };
    for (const user of mixed.user) logins[mixed.population[user]!]++;
    const people = Object.groupBy(mixed.population, (each) => each);
    const each = (name: keyof typeof logins) => logins[name] / people[name]!.length;
    assert.ok(each('workforce') > 2 * each('customer'));
    assert.ok(each('device') > 2 * each('customer'));
  });
});

describe('attackers in it', () => {
  const attacks = placeAttacks(world, { seed: 11, share: 0.15 });

  test('replace logins of people with history, and are what their name says', () => {
    const { depth } = linkHistories(world);
    assert.ok(attacks.size > 3000);
    for (let at = 0; at < attacks.size; at++) {
      const row = attacks.row[at]!;
      assert.ok(depth[row]! > 0);
      const same = TRAITS.filter((trait) => attacks.traits[trait][at] === world.traits[trait][row]);
      const kind = ATTACKERS[attacks.kind[at]!];
      if (kind === 'vpn') assert.ok(same.includes('country'));
      if (kind === 'targeted') for (const trait of TRAITS.slice(1)) assert.ok(same.includes(trait));
    }
  });

  test('cannot be told by their history, their time, or by how known in the realm is what they show', () => {
    const prints = auditFingerprint(world, attacks);
    assert.ok(prints.length > 20);
    for (const { attacker, feature, auc, recallAtFpr1 } of prints) {
      assert.ok(auc < 0.6, `${attacker} ${feature}: AUC ${auc}`);
      assert.ok(recallAtFpr1 < 0.1, `${attacker} ${feature}: recall ${recallAtFpr1}`);
    }
  });

  test('can be told when they copy people of the past: the audit can fail', () => {
    const careless = structuredClone(attacks);
    for (let at = 0; at < careless.size; at++)
      careless.traits.ip[at] = world.traits.ip[Math.floor(careless.row[at]! / 2)]!;
    const worst = Math.max(...auditFingerprint(world, careless).map(({ auc }) => auc));
    assert.ok(worst > 0.8);
  });
});
