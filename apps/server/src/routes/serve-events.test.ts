import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CountersignEvent, RealmId } from '@countersign/vocabulary';
import {
  OPERATOR_TOKEN,
  openReadingHouse,
  type ReadingHouse,
} from '../testing/open-reading-house.ts';

const STAFF: RealmId = 'acme/workforce';
const REASON = { headers: { 'countersign-reason': 'ticket 4711' } };

let house: ReadingHouse;
const credentials: Record<string, string> = {};
const people: Record<string, string> = {};
const uids: Record<string, string[]> = {};

function session(realm: RealmId, subject: string, timeMs: number): CountersignEvent {
  return { name: 'session.started', timeMs, realm, subject, clientId: `app-of-${subject}` };
}

before(async () => {
  house = await openReadingHouse();
  const { directory, audit, clock } = house;
  const by = 'operator operator';
  for (const username of ['alice', 'bob'])
    people[username] = (await directory.people.create({ realm: STAFF, username })).id;
  const nowMs = clock.nowMs();
  const make = async (key: string, tenant: string, events: CountersignEvent[]) => {
    uids[key] = await audit.record(events);
    for (const kind of ['tenant', 'manager'] as const) {
      const made = { kind: 'tenant' as const, tenant, name: kind, manage: kind === 'manager', by };
      credentials[`${tenant} ${kind}`] = (await directory.readers.create(made)).credential;
    }
  };
  const { alice = '', bob = '' } = people;
  await make('acme', 'acme', [session(STAFF, alice, nowMs - 3), session(STAFF, bob, nowMs - 2)]);
  const foreign: RealmId = 'umbrella/workforce';
  await make('umbrella', 'umbrella', [session(foreign, alice, nowMs - 1)]);
  uids['installation'] = await audit.record([{ name: 'key.created', timeMs: nowMs }]);
  const person = { kind: 'person' as const, tenant: 'acme', name: 'Alice', by };
  const made = await directory.readers.create({ ...person, subject: alice, realm: STAFF });
  credentials['alice'] = made.credential;
  const expiresMs = nowMs + 86_400_000;
  const responder = { kind: 'responder' as const, tenant: 'acme', name: 'IR', by, expiresMs };
  credentials['responder'] = (
    await directory.readers.create({ ...responder, reason: 'INC-7' })
  ).credential;
});
after(() => house.close());

const credential = (name: string): string => credentials[name] ?? assert.fail(name);
const uidOf = (name: string): string => uids[name]?.[0] ?? assert.fail(name);

async function readsOf(tenant: string): Promise<Record<string, unknown>[]> {
  const events = await house.audit.listEvents({ tenant, names: ['audit.read'], afterSequence: 0 });
  return events.map(({ ocsf }) => (ocsf['unmapped'] as { countersign: never }).countersign);
}

describe('the log of another', () => {
  const attempts = [
    ...[
      '/events',
      '/events?limit=1000&order=oldest',
      '/events?tenant=umbrella',
      '/events?tenant=acme',
    ],
    ...[
      '/events?tenant=_installation',
      '/events?filter=tenant%20%3D%20umbrella',
      '/events?tenant=',
    ],
    ...[
      '/events?filter=not%20(tenant%20%3D%20acme)',
      '/events?filter=exists(uid)',
      '/events?after=0',
    ],
    ...[
      '/events?filter=%22app-of%22',
      '/events?filter=uid%20~%20%22*%22',
      '/events?name=key.created',
    ],
    ...[
      '/events?search=foreign',
      '/events?tenant=umbrella&search=foreign',
      '/searches?tenant=umbrella',
    ],
    ...[
      '/event-counts?by=tenant,uid',
      '/event-counts?tenant=umbrella&by=uid',
      '/searches',
      '/readers',
    ],
    ...['/event-counts?by=uid&filter=tenant%20%3D%20umbrella', '/readers?tenant=umbrella'],
    ...[
      '/event-counts?by=app&distinct=uid',
      '/events/tail?tenant=umbrella',
      '/events/tail?tenant=x',
    ],
  ];

  it('is not shown by any question, to any reader but those of that log', async () => {
    const search = { name: 'foreign', filter: 'exists(uid)', tenant: 'umbrella' };
    assert.equal((await house.send('/searches', OPERATOR_TOKEN, search)).status, 201);
    const marks = {
      umbrella: [...(uids['umbrella'] ?? [])],
      installation: uids['installation'] ?? [],
    };
    const acme = [...(uids['acme'] ?? [])];
    const hidden: Record<string, string[]> = {
      'acme tenant': [...marks.umbrella, ...marks.installation, 'umbrella'],
      'acme manager': [...marks.umbrella, ...marks.installation, 'umbrella'],
      'umbrella tenant': [...acme, ...marks.installation],
      responder: [...marks.umbrella, ...marks.installation, 'umbrella'],
      alice: [...marks.umbrella, ...marks.installation, ...acme.slice(1), people['bob'] ?? ''],
    };
    const everyUid = Object.values(uids).flat();
    for (const [name, secrets] of Object.entries(hidden)) {
      const paths = [...attempts, ...everyUid.map((uid) => `/events/${uid}`)];
      for (const path of paths) {
        // A tail goes on for ever where it is allowed.
        if (path.startsWith('/events/tail') && name === 'umbrella tenant') continue;
        const { text, body } = await house.ask(path, credential(name));
        // What was asked may stand in the record of it, and nowhere else.
        const shown = text
          .replace(JSON.stringify(body?.title ?? ''), '')
          .replace(/"filter":"[^}]*/g, '');
        for (const secret of secrets)
          assert.ok(!shown.includes(secret), `${name} ${path}: ${text}`);
      }
    }
    assert.deepEqual(house.failures, []);
  });

  it('is not there for an id or a cursor that fell into other hands', async () => {
    const { status, text } = await house.ask(
      `/events/${uidOf('umbrella')}`,
      credential('acme tenant'),
    );
    const nowhere = await house.ask(`/events/${'0'.repeat(36)}`, credential('acme tenant'));
    assert.deepEqual([status, text], [nowhere.status, nowhere.text]);
    const own = await house.ask('/events?limit=1', credential('acme tenant'));
    const cursor = String(own.body.next);
    for (const name of ['umbrella tenant', 'alice']) {
      const stolen = await house.ask(`/events?limit=1&cursor=${cursor}`, credential(name));
      assert.deepEqual([stolen.status, stolen.body.code], [400, 'cursor_malformed']);
    }
  });

  it('cannot be opened by making a reader, ending one, or saving a search there', async () => {
    const reader = { kind: 'tenant', name: 'x', tenant: 'umbrella' };
    const search = { name: 'x', filter: '', tenant: 'umbrella' };
    for (const name of ['acme manager', 'acme tenant', 'responder', 'alice']) {
      assert.equal((await house.send('/readers', credential(name), reader)).status, 403, name);
      assert.equal((await house.send('/searches', credential(name), search)).status, 403, name);
    }
    for (const name of ['acme tenant', 'responder', 'alice']) {
      const own = { ...reader, tenant: 'acme' };
      assert.equal((await house.send('/readers', credential(name), own)).status, 403, name);
      assert.equal((await house.ask('/readers', credential(name))).status, 403, name);
    }
    const [foreign] = await house.directory.readers.list('umbrella');
    const ended = await house.ask(`/readers/${foreign?.id}`, credential('acme manager'), {
      method: 'DELETE',
    });
    assert.equal(ended.status, 404);
  });

  it('is closed to credentials that are none, ended or expired', async () => {
    for (const wrong of ['x'.repeat(60), `${credential('alice')}x`])
      assert.equal((await house.ask('/events', wrong)).status, 401);
  });
});

describe('reading', () => {
  it('stands in the log that was read, with who, what and how much', async () => {
    const before = await readsOf('acme');
    const filter = 'name = session.started';
    const path = `/events?filter=${encodeURIComponent(filter)}`;
    const { body } = await house.ask(path, credential('responder'));
    assert.equal(body.events.length, 2);
    await house.ask(`/events/${uidOf('acme')}`, credential('acme tenant'));
    await house.ask('/event-counts?by=name', credential('acme tenant'));
    const added = (await readsOf('acme')).slice(before.length);
    assert.deepEqual(
      added.map(({ operation, count, extra }) => [operation, count, extra]),
      [
        ['search', 2, { filter }],
        ['get', 1, { filter: `uid = ${uidOf('acme')}` }],
        ['count', 0, undefined],
      ],
    );
    const [{ actor } = {}] = added;
    assert.deepEqual({ ...(actor as object), id: '' }, { kind: 'reader', id: '', reason: 'INC-7' });
  });

  it('by staff needs a reason, which the tenant is shown', async () => {
    const silent = await house.ask('/events?tenant=acme&filter=', OPERATOR_TOKEN);
    assert.deepEqual([silent.status, silent.body.code], [403, 'reason_needed']);
    assert.match(JSON.stringify(silent.body), /--reason or the header countersign-reason/);
    assert.equal((await house.ask(`/events/${uidOf('acme')}`, OPERATOR_TOKEN)).status, 403);
    for (const path of ['/events?filter=', `/events/${uidOf('acme')}`, '/event-counts?tenant=acme'])
      assert.equal((await house.ask(path, OPERATOR_TOKEN, REASON)).status, 200, path);
    const filter = encodeURIComponent('actor = operator');
    const { body } = await house.ask(`/events?filter=${filter}`, credential('acme tenant'));
    const actors = body.events.map(
      (event: { ocsf: { unmapped: { countersign: { actor: object } } } }) =>
        event.ocsf.unmapped.countersign.actor,
    );
    assert.equal(actors.length, 3);
    for (const actor of actors)
      assert.deepEqual(actor, { id: 'operator', kind: 'operator', reason: 'ticket 4711' });
  });

  it('by staff in the old way is seen as well, without a reason when none was given', async () => {
    const before = (await readsOf('umbrella')).length;
    assert.equal((await house.ask('/events?after=0&limit=1000', OPERATOR_TOKEN)).status, 200);
    const [read] = (await readsOf('umbrella')).slice(before);
    assert.equal(read?.['operation'], 'list');
    assert.deepEqual(read?.['actor'], { id: 'operator', kind: 'operator' });
  });

  it('by staff that follow the record is told of what they saw, and not of its own traces without end', async () => {
    const follow = async (after: number, more = '') => {
      const { body } = await house.ask(`/events?after=${after}&limit=1000${more}`, OPERATOR_TOKEN);
      return body as { events: object[]; next: number };
    };
    for (const more of ['', '&tenant=acme']) {
      let { next } = await follow(0, more);
      next = (await follow(next, more)).next;
      const told = (await readsOf('acme')).length;
      for (let poll = 0; poll < 4; poll += 1) next = (await follow(next, more)).next;
      assert.equal((await readsOf('acme')).length, told, more);
      const seen = session(STAFF, people['bob'] ?? '', house.clock.nowMs());
      await house.audit.record([{ ...seen, name: 'session.ended' }]);
      ({ next } = await follow(next, more));
      const reads = await readsOf('acme');
      assert.deepEqual([reads.length, reads.at(-1)?.['count']], [told + 1, 1], more);
    }
    // Whoever asks for a tenant and gets nothing has asked: once, and not with each turn of a loop.
    const before = (await readsOf('umbrella')).length;
    await follow(0, '&tenant=umbrella&name=key.created');
    assert.equal((await readsOf('umbrella')).length, before + 1);
  });

  it('of a tenant that is none leaves no trace in a log that is none', async () => {
    assert.equal((await house.ask('/events?tenant=nobody', OPERATOR_TOKEN)).status, 200);
    assert.deepEqual(await readsOf('nobody'), []);
  });

  it('lists names that are asked for, and refuses too many or too long ones', async () => {
    const { body } = await house.ask('/events?name=session.started,key.created', OPERATOR_TOKEN);
    assert.equal(body.events.length, 4);
    assert.equal(body.next, body.events.at(-1).sequence);
    assert.equal(body.events[0].text, undefined);
    for (const name of ['x'.repeat(65), `token.issued,${'x'.repeat(65)}`, ','.repeat(8)])
      assert.equal((await house.ask(`/events?name=${name}`, OPERATOR_TOKEN)).status, 400);
  });

  it('shows a person their own events without what is of staff, and counts nothing for one', async () => {
    const { body } = await house.ask('/events', credential('alice'));
    const names = body.events.map(({ name }: { name: string }) => name);
    assert.ok(
      names.includes('session.started') && names.every((name: string) => name !== 'key.created'),
    );
    assert.ok(body.events.every((event: { uid: string }) => event.uid !== uids['acme']?.[1]));
    assert.equal((await house.ask('/event-counts', credential('alice'))).status, 403);
    assert.equal((await house.ask(`/events/${uidOf('acme')}`, credential('alice'))).status, 200);
  });

  it('tells what is wrong with a filter, and where', async () => {
    const { status, body } = await house.ask(
      '/events?filter=clas%20%3D%201',
      credential('acme tenant'),
    );
    assert.equal(status, 400);
    assert.match(body.title, /^Filter, character 1: there is no field "clas"/);
  });

  it('counts in groups and in buckets of time', async () => {
    const filter = encodeURIComponent('name = session.started');
    const path = `/event-counts?filter=${filter}&by=app&bucket=1d&distinct=person&order=key`;
    const { body } = await house.ask(path, credential('acme tenant'));
    assert.equal(body.total, 2);
    assert.equal(body.groups.length, 2);
    assert.equal(body.groups[0].bucketMs % 86_400_000, 0);
    const bad = await house.ask('/event-counts?bucket=1y', credential('acme tenant'));
    assert.equal(bad.status, 400);
  });
});

describe('readers and saved searches', () => {
  it('are made and ended by whoever may manage, and each is an event', async () => {
    const manager = credential('acme manager');
    const made = await house.send('/readers', manager, { kind: 'tenant', name: 'SIEM' });
    assert.equal(made.status, 201);
    assert.equal(made.body.tenant, 'acme');
    assert.equal((await house.ask('/events?limit=1', made.body.credential)).status, 200);
    await house.ask(`/readers/${made.body.id}`, manager, { method: 'DELETE' });
    assert.equal((await house.ask('/events?limit=1', made.body.credential)).status, 401);
    const names = ['reader.created', 'reader.ended'] as const;
    const events = await house.audit.listEvents({ tenant: 'acme', names: [...names], limit: 10 });
    assert.deepEqual(
      events.map(({ name }) => name),
      names,
    );
    assert.ok(!JSON.stringify(events).includes(made.body.credential.split('.')[2]));
  });

  it('outlive nobody who made them: an end that was set is one for what follows from it', async () => {
    const expiresMs = house.clock.nowMs() + 3_600_000;
    const short = { kind: 'tenant', name: 'for an hour', manage: true, expiresMs };
    const made = await house.send('/readers', credential('acme manager'), short);
    const own = (more: object) =>
      house.send('/readers', made.body.credential, { kind: 'tenant', name: 'for ever', ...more });
    for (const more of [{}, { manage: true }, { expiresMs: expiresMs + 1 }]) {
      const { status, body } = await own(more);
      assert.deepEqual([status, body.code], [403, 'not_allowed']);
    }
    assert.equal((await own({ expiresMs })).status, 201);
  });

  it('a saved search shows each reader what that reader may see', async () => {
    const search = { name: 'sign-ins', filter: 'name = session.started' };
    const { status, body } = await house.send('/searches', credential('acme manager'), search);
    assert.equal(status, 201);
    for (const key of [body.id, 'sign-ins']) {
      const all = await house.ask(`/events?search=${key}`, credential('acme tenant'));
      assert.equal(all.body.events.length, 2);
      const own = await house.ask(`/events?search=${key}`, credential('alice'));
      assert.equal(own.body.events.length, 1);
      const foreign = await house.ask(`/events?search=${key}`, credential('umbrella tenant'));
      assert.equal(foreign.status, 404);
    }
    const narrowed = `/events?search=sign-ins&filter=${encodeURIComponent('person = nobody')}`;
    assert.equal((await house.ask(narrowed, credential('acme tenant'))).body.events.length, 0);
    const bad = { name: 'bad', filter: 'clas = 1' };
    assert.equal((await house.send('/searches', credential('acme manager'), bad)).status, 400);
  });
});
