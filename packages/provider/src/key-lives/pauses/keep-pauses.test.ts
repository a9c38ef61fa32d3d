import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { openStore } from '@countersign/storage';
import {
  type CountersignEvent,
  isCodedError,
  ManualClock,
  systemRandom,
} from '@countersign/vocabulary';
import { providerMigrations } from '../../artifacts/migrations.ts';
import type { ProviderTables } from '../../artifacts/tables.ts';
import { keepPauses } from './keep-pauses.ts';
import type { PauseCode } from './key-pause.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ISSUER = 'https://id.example/acme/workforce';

const refusal =
  (code: PauseCode, words = /./) =>
  (error: unknown): boolean =>
    isCodedError(error) && error.code === code && words.test(error.message);

const stores: { close(): Promise<void> }[] = [];
after(async () => {
  for (const store of stores) await store.close();
});

/** Alice and Bob are of different lines; Alice made Amy, and Amy made Ada. All are two days old. */
async function openRoom(keyDays = 90) {
  const clock = new ManualClock();
  const store = await openStore<DirectoryTables & ProviderTables>({
    memory: true,
    migrations: [...directoryMigrations, ...providerMigrations],
    clock,
  });
  stores.push(store);
  const { operators } = createDirectory({ store, clock, random: systemRandom });
  for (const [name, by] of [
    ['alice', 'operator'],
    ['bob', 'operator'],
    ['amy', 'alice'],
    ['ada', 'amy'],
    ['abe', 'alice'],
  ] as const)
    await operators.create({ name, by });
  clock.advanceMs(2 * DAY_MS);
  const endMs = clock.nowMs() + keyDays * DAY_MS;
  const scope = { tenant: 'acme', population: 'workforce' };
  const keys = [
    { life: { state: 'active' }, scope: { ...scope, notAfterSeconds: endMs / 1000 } },
    { life: { state: 'published' }, scope: { ...scope, notAfterSeconds: endMs / 1000 + 1 } },
    { life: { state: 'retired' }, scope: { ...scope, notAfterSeconds: 1 } },
  ];
  const events: CountersignEvent[] = [];
  const pauses = keepPauses({
    ...{ store, clock, operators, random: systemRandom },
    audit: {
      record: async (given) => {
        events.push(...given);
        return [];
      },
    },
    signer: { listKeys: async (issuer) => (issuer === ISSUER ? keys : []) },
  });
  const propose = (by = 'alice', days = 2) =>
    pauses.propose({
      issuer: ISSUER,
      reason: 'year-end freeze',
      untilMs: clock.nowMs() + days * DAY_MS,
      by,
    });
  const told = (): unknown[] => events.map(({ name, subject, reason }) => [name, subject, reason]);
  return { pauses, propose, clock, operators, keys, events, told };
}

describe('C-03 a pause of rotation', () => {
  it('begins when another person agrees, is counted, and ends by itself', async () => {
    const { pauses, propose, clock, told, events } = await openRoom();
    const proposed = await propose();
    assert.equal(proposed.state, 'proposed');
    assert.equal(await pauses.pausedUntil(ISSUER), undefined);
    clock.advanceMs(HOUR_MS);
    const running = await pauses.approve(proposed.id, 'bob');
    assert.deepEqual(
      [running.state, running.fromMs, running.approvedBy],
      ['running', clock.nowMs(), 'bob'],
    );
    assert.deepEqual(await pauses.pausedUntil(ISSUER), {
      untilMs: proposed.untilMs,
      reason: 'year-end freeze',
    });
    assert.equal(await pauses.countPauses(ISSUER), 1);
    clock.advanceMs(proposed.untilMs - clock.nowMs() - 1);
    assert.ok(await pauses.pausedUntil(ISSUER));
    clock.advanceMs(1);
    assert.equal(await pauses.pausedUntil(ISSUER), undefined);
    assert.equal((await pauses.list())[0]?.state, 'expired');
    assert.equal(await pauses.sweep(), 1);
    assert.equal(await pauses.sweep(), 0);
    assert.deepEqual(told(), [
      ['key.pause_proposed', 'alice', undefined],
      ['key.paused', 'bob', undefined],
      ['key.pause_ended', undefined, 'expired'],
    ]);
    assert.deepEqual(events[1]?.extra, {
      pauseId: proposed.id,
      untilMs: proposed.untilMs,
      reasonGiven: 'year-end freeze',
      proposedBy: 'alice',
    });
    assert.equal(events[1]?.realm, 'acme/workforce');
    assert.equal(await pauses.countPauses(ISSUER), 1);
  });

  it('C-59 is not approved by who proposed it, nor by anybody of the same line', async () => {
    const { pauses, propose } = await openRoom();
    const needed = (words: RegExp) => refusal('second_person_needed', words);
    for (const [proposer, approver, words] of [
      ['alice', 'alice', /proposed/],
      ['alice', 'amy', /alice made the credential of amy/],
      ['alice', 'ada', /alice made the credential of ada/],
      ['ada', 'alice', /alice made the credential of ada/],
      ['ada', 'amy', /amy made the credential of ada/],
      ['ada', 'abe', /alice made the credential of both/],
      ['alice', 'operator', /whoever can read a file/],
      ['alice', 'nobody', /no operator/],
    ] as const) {
      const { id } = await propose(proposer);
      await assert.rejects(pauses.approve(id, approver), needed(words), `${proposer} ${approver}`);
      assert.equal(await pauses.pausedUntil(ISSUER), undefined);
      await pauses.end(id, 'bob');
    }
    await assert.rejects(propose('operator'), needed(/whoever can read a file/));
  });

  it('C-59 takes nobody whose credential is younger than a day, or was revoked', async () => {
    const { pauses, propose, clock, operators } = await openRoom();
    await operators.create({ name: 'new', by: 'operator' });
    await assert.rejects(propose('new'), refusal('operator_too_new', /counts from 2027/));
    const { id } = await propose();
    await assert.rejects(pauses.approve(id, 'new'), refusal('operator_too_new'));
    clock.advanceMs(DAY_MS - 1);
    await assert.rejects(pauses.approve(id, 'new'), refusal('operator_too_new'));
    clock.advanceMs(-3 * DAY_MS);
    await assert.rejects(pauses.approve(id, 'new'), refusal('operator_too_new'));
    clock.advanceMs(3 * DAY_MS + 1);
    await operators.revoke({ name: 'alice', by: 'bob' });
    await assert.rejects(pauses.approve(id, 'new'), refusal('second_person_needed', /alice is no/));
  });

  it('is never longer than 14 days, nor longer than any key that signs', async () => {
    const { propose, keys, clock } = await openRoom();
    await assert.rejects(propose('alice', 14.001), refusal('pause_malformed', /by 2027-01-31/));
    await assert.rejects(propose('alice', 0), refusal('pause_malformed'));
    await assert.rejects(propose('alice', Number.NaN), refusal('pause_malformed'));
    const { scope } = keys[0] ?? assert.fail();
    keys.push({
      life: { state: 'active' },
      scope: { ...scope, notAfterSeconds: clock.nowMs() / 1000 + 3600 },
    });
    await assert.rejects(propose('alice', 1), refusal('pause_malformed', /no pause prolongs it/));
    assert.equal((await propose('alice', 1 / 24)).state, 'proposed');
  });

  it('is held against the keys of the moment when it is approved', async () => {
    const { pauses, propose, keys, clock } = await openRoom();
    const { id } = await propose('alice', 2);
    const [active] = keys;
    assert.ok(active);
    active.scope.notAfterSeconds = clock.nowMs() / 1000 + 60;
    await assert.rejects(pauses.approve(id, 'bob'), refusal('pause_malformed', /a key ends then/));
    assert.equal((await pauses.list())[0]?.state, 'proposed');
  });

  it('takes a reason that everybody can read, and an issuer whose keys sign', async () => {
    const { pauses, clock } = await openRoom();
    const untilMs = clock.nowMs() + DAY_MS;
    for (const reason of ['', '   ', 'x'.repeat(201), 'two\nlines', 'a\u202eb']) {
      const asked = pauses.propose({ issuer: ISSUER, reason, untilMs, by: 'alice' });
      await assert.rejects(asked, refusal('pause_malformed', /reason/), JSON.stringify(reason));
    }
    const nowhere = { issuer: `${ISSUER}/x`, reason: 'freeze', untilMs, by: 'alice' };
    await assert.rejects(pauses.propose(nowhere), refusal('issuer_unknown'));
  });

  it('stands once: the same again is the same, another is refused, at once or later', async () => {
    const { pauses, propose, clock, events } = await openRoom();
    const asked = await Promise.all([propose(), propose(), propose()]);
    assert.equal(new Set(asked.map(({ id }) => id)).size, 1);
    await assert.rejects(propose('bob'), refusal('pause_exists'));
    const { id } = asked[0] ?? assert.fail();
    await pauses.approve(id, 'bob');
    assert.equal((await propose()).state, 'running');
    await assert.rejects(propose('alice', 3), refusal('pause_exists'));
    clock.advanceMs(2 * DAY_MS);
    assert.equal((await propose()).state, 'proposed');
    assert.deepEqual(
      events.map(({ name }) => name),
      ['key.pause_proposed', 'key.paused', 'key.pause_ended', 'key.pause_proposed'],
    );
  });

  it('is approved once when two approve at the same time', async () => {
    const { pauses, propose, operators, clock, told } = await openRoom();
    await operators.create({ name: 'carol', by: 'operator' });
    clock.advanceMs(2 * DAY_MS);
    const { id } = await propose();
    const both = await Promise.all(['bob', 'carol', 'bob'].map((by) => pauses.approve(id, by)));
    const [first] = both;
    assert.ok(both.every(({ approvedBy }) => approvedBy === first?.approvedBy));
    clock.advanceMs(HOUR_MS);
    assert.deepEqual(await pauses.approve(id, 'carol'), first);
    assert.equal(told().length, 2);
  });

  it('is ended by anyone, and then neither approved nor ended again', async () => {
    const { pauses, propose, told } = await openRoom();
    const { id } = await propose();
    await pauses.approve(id, 'bob');
    const ended = await pauses.end(id, 'operator');
    assert.deepEqual([ended.state, ended.endedBy], ['ended', 'operator']);
    assert.equal(await pauses.pausedUntil(ISSUER), undefined);
    assert.deepEqual(await pauses.end(id, 'ada'), ended);
    await assert.rejects(pauses.approve(id, 'bob'), refusal('pause_over', /ended/));
    const { id: second } = await propose();
    assert.equal((await pauses.end(second, 'alice')).state, 'withdrawn');
    assert.deepEqual(told().slice(2), [
      ['key.pause_ended', 'operator', 'ended_early'],
      ['key.pause_proposed', 'alice', undefined],
      ['key.pause_ended', 'alice', 'withdrawn'],
    ]);
    assert.equal(await pauses.countPauses(ISSUER), 1, 'what was never agreed is no pause');
    await assert.rejects(pauses.end('nothing', 'alice'), refusal('pause_unknown'));
    await assert.rejects(pauses.approve('nothing', 'alice'), refusal('pause_unknown'));
  });

  it('lapses when nobody agrees within three days, or before its own end', async () => {
    const { pauses, propose, clock, told } = await openRoom();
    const { id } = await propose('alice', 10);
    clock.advanceMs(3 * DAY_MS);
    await assert.rejects(pauses.approve(id, 'bob'), refusal('pause_over', /lapsed/));
    assert.equal(await pauses.sweep(), 1);
    assert.deepEqual(told().at(-1), ['key.pause_ended', undefined, 'lapsed']);
    const { id: short } = await propose('alice', 1);
    clock.advanceMs(DAY_MS);
    await assert.rejects(pauses.approve(short, 'bob'));
    assert.deepEqual(await pauses.list({ open: true }), []);
    assert.equal((await pauses.list({ issuer: ISSUER, limit: 1 })).length, 1);
  });

  it('does not come back with a clock that goes back, once its end is on record', async () => {
    const { pauses, propose, clock } = await openRoom();
    const { id } = await propose();
    await pauses.approve(id, 'bob');
    clock.advanceMs(2 * DAY_MS);
    await pauses.sweep();
    clock.advanceMs(-DAY_MS);
    assert.equal(await pauses.pausedUntil(ISSUER), undefined);
  });

  it('is nothing when its event cannot be recorded', async () => {
    const { propose, pauses, events } = await openRoom();
    events.push = () => {
      throw new Error('no room');
    };
    await assert.rejects(propose(), /no room/);
    assert.deepEqual(await pauses.list(), []);
  });
});
