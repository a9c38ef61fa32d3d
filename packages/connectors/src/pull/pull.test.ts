import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import { LogStandIn } from './testing/log-stand-in.ts';
import { NOW_MS, openTurns, type Turns } from './testing/open-turns.ts';
import {
  googleService,
  graphService,
  oktaService,
  type StandInService,
} from './testing/services.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MICROSOFT = { tenantId: 'harbour', clientId: 'app', clientSecret: 'right' };

let standIn: LogStandIn;
let service: StandInService;
let turns: Turns;

const timed = (id: string, timeMs: number) => ({ record: { id, application: 'login' }, timeMs });
const distinct = () => [...new Set(turns.came)].toSorted();
const wanted = () => service.records.map(({ record }) => String(record['id'])).toSorted();
const codeOf = (error: unknown) => (isCodedError(error) ? error.code : error);

afterEach(async () => {
  await turns.close();
  await standIn.close();
});

describe('sign-ins of Graph', () => {
  beforeEach(async () => {
    standIn = await LogStandIn.open();
    service = graphService(() => standIn.base, '/beta/auditLogs/signIns');
    standIn.add(service.route);
    const settings = { kind: 'graph-sign-ins', url: standIn.base, tokenUrl: standIn.tokenUrl };
    turns = await openTurns({ ...settings, backfillDays: 2 }, MICROSOFT);
    for (let at = 0; at < 9; at += 1) {
      service.records.push(timed(`s${at}`, NOW_MS - 40 * HOUR_MS + at * 4 * HOUR_MS));
    }
  });

  it('come over all pages and windows, also past an empty page, of all four kinds', async () => {
    assert.equal((await turns.turn()).error, undefined);
    assert.deepEqual(distinct(), wanted());
    assert.equal((await turns.view()).watermarkMs, NOW_MS);
    const [first] = standIn.asked;
    for (const kind of ['interactiveUser', 'nonInteractiveUser', 'servicePrincipal']) {
      assert.match(first?.url.searchParams.get('$filter') ?? '', new RegExp(`'${kind}'`));
    }
  });

  it('are read from now on when nothing older is wanted', async () => {
    const settings = { kind: 'graph-sign-ins', url: standIn.base, tokenUrl: standIn.tokenUrl };
    await turns.close();
    turns = await openTurns({ ...settings, backfillDays: 0, overlapSeconds: 0 }, MICROSOFT);
    await turns.turn();
    service.records.push(timed('new', NOW_MS + 1000));
    turns.clock.advanceMs(MINUTE_MS);
    await turns.turn();
    assert.deepEqual(turns.came, ['new']);
  });

  it('that turn up late, with an old time, come within the overlap', async () => {
    await turns.turn();
    service.records.push(timed('late', NOW_MS - 90 * MINUTE_MS));
    turns.clock.advanceMs(HOUR_MS);
    await turns.turn();
    assert.deepEqual(distinct(), wanted());
  });

  it('go on after a crash at the page that was not recorded, and lose none', async () => {
    let pages = 0;
    turns.onRecord = () => {
      pages += 1;
      if (pages === 3) throw new Error('killed');
    };
    await turns.turn();
    turns.onRecord = () => undefined;
    const before = turns.came.length;
    assert.ok(before > 0 && before < 9);
    turns.clock.advanceMs(MINUTE_MS);
    await turns.turn('the next run');
    assert.deepEqual(distinct(), wanted());
    assert.equal(turns.came.length, 9, 'what was recorded is not asked for again');
  });

  it('begin the window again when its next page is gone', async () => {
    turns.onRecord = () => {
      turns.onRecord = () => undefined;
      standIn.failNext({ status: 503 });
    };
    await turns.turn();
    service.pages.forget();
    turns.clock.advanceMs(MINUTE_MS);
    assert.equal((await turns.turn()).error, undefined);
    assert.deepEqual(distinct(), wanted());
  });

  it('wait as long as a 429 says, and keep what came before it', async () => {
    standIn.failNext({ status: 429, headers: { 'retry-after': '77' } });
    assert.equal(codeOf((await turns.turn()).error), 'source_throttled');
    const view = await turns.view();
    assert.equal(view.nextMs, NOW_MS + 77_000);
    assert.deepEqual([view.failures, view.error?.code], [1, 'source_throttled']);
    turns.clock.advanceMs(77_000);
    await turns.turn();
    assert.deepEqual(distinct(), wanted());
    assert.equal((await turns.view()).error, null);
  });

  it('wait longer after each failure of the service, and after a cut connection', async () => {
    standIn.failNext({ status: 502, headers: {} }, { status: 0, cut: true });
    assert.equal(codeOf((await turns.turn()).error), 'source_unreachable');
    assert.equal(codeOf((await turns.turn()).error), 'outbound_unreachable');
    assert.equal((await turns.view()).failures, 2);
    await turns.turn();
    assert.deepEqual(distinct(), wanted());
  });

  it('get a new token when the old one ended, and only then', async () => {
    await turns.turn();
    assert.equal(standIn.tokenForms.length, 1);
    standIn.endTokens();
    turns.clock.advanceMs(5 * MINUTE_MS);
    assert.equal((await turns.turn()).error, undefined);
    assert.equal(standIn.tokenForms.length, 2);
    turns.clock.advanceMs(HOUR_MS);
    await turns.turn();
    assert.equal(standIn.tokenForms.length, 3, 'the end that was named counts too');
  });

  it('are refused with a wrong secret, of which nothing is told', async () => {
    turns.writeSecret({ ...MICROSOFT, clientSecret: 'wrong' });
    const { error } = await turns.turn();
    assert.equal(codeOf(error), 'source_refused');
    assert.doesNotMatch(JSON.stringify(await turns.view()), /wrong|right/);
    turns.writeSecret({ tenantId: 'harbour' });
    assert.equal(codeOf((await turns.turn()).error), 'source_secret');
  });

  it('never send the token to another host, and do not go in circles', async () => {
    const elsewhere = 'http://127.0.0.1:9/next';
    standIn.failNext({ status: 200, body: { value: [], '@odata.nextLink': elsewhere } });
    assert.equal(codeOf((await turns.turn()).error), 'source_broken');
    // As if it had been stored by an older version.
    standIn.failNext({
      status: 200,
      body: { value: [], '@odata.nextLink': `${standIn.base}/circle` },
    });
    standIn.add(({ url }) =>
      url.pathname === '/circle'
        ? { body: { value: [], '@odata.nextLink': `${standIn.base}/circle` } }
        : undefined,
    );
    await turns.store.transaction(async (tx) => {
      await tx.updateTable('pull_source').set({ checkpoint: null }).execute();
    });
    assert.equal(codeOf((await turns.turn()).error), 'source_broken');
  });

  it('that are far behind say so once they were caught up before', async () => {
    await turns.turn();
    assert.equal(turns.gaps.length, 0);
    turns.clock.advanceMs(3 * HOUR_MS);
    standIn.failNext({ status: 500 });
    await turns.turn();
    assert.equal(turns.gaps[0]?.reason, 'importer_behind');
    assert.equal(turns.gaps[0]?.firstMs, NOW_MS);
  });

  it('come no more once the source is paused, and all of them when it is resumed', async () => {
    const change = (enabled: boolean) =>
      turns.sources.change(turns.source.id, { enabled }, async () => undefined);
    turns.onRecord = () => {
      turns.onRecord = () => undefined;
      return change(false);
    };
    await turns.turn();
    const asked = standIn.asked.length;
    assert.ok(turns.came.length < 9);
    assert.equal((await turns.sources.due(5)).length, 0);
    await change(true);
    await turns.turn();
    assert.ok(standIn.asked.length > asked);
    assert.deepEqual(distinct(), wanted());
  });

  it('keep no server from leaving: the request ends, and is no failure', async () => {
    standIn.failNext({ status: 0, hang: true });
    const turn = turns.turn();
    while (standIn.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    turns.leaving.abort();
    assert.equal((await turn).error, undefined);
    assert.deepEqual([(await turns.view()).failures, turns.came], [0, []]);
  });

  it('are not set back by a server that was overtaken', async () => {
    turns.onRecord = async () => {
      turns.onRecord = () => undefined;
      // Its lease ends while it works; another one takes over and finishes.
      turns.clock.advanceMs(2 * MINUTE_MS);
      await turns.turn('two');
    };
    const { error } = await turns.turn('one');
    assert.equal(codeOf(error), 'lease_lost');
    assert.deepEqual(distinct(), wanted());
    const { watermarkMs, failures } = await turns.view();
    assert.deepEqual([watermarkMs, failures], [NOW_MS + 2 * MINUTE_MS, 0]);
  });
});

describe('audits of Graph', () => {
  it('are asked for by the time of the activity', async () => {
    standIn = await LogStandIn.open();
    service = graphService(() => standIn.base, '/v1.0/auditLogs/directoryAudits');
    standIn.add(service.route);
    const settings = { kind: 'graph-audits', url: standIn.base, tokenUrl: standIn.tokenUrl };
    turns = await openTurns(settings, MICROSOFT);
    service.records.push(timed('a', NOW_MS - HOUR_MS));
    await turns.turn();
    assert.deepEqual(turns.came, ['a']);
    assert.match(standIn.asked[0]?.url.search ?? '', /activityDateTime/);
  });
});

describe('the System Log of Okta', () => {
  beforeEach(async () => {
    standIn = await LogStandIn.open();
    service = oktaService(() => standIn.base);
    standIn.add(service.route);
    turns = await openTurns(
      { kind: 'okta', url: standIn.base, backfillDays: 3 },
      { apiToken: 'okta-token' },
    );
    for (let at = 0; at < 7; at += 1) {
      service.records.push(timed(`o${at}`, NOW_MS - 60 * HOUR_MS + at * 8 * HOUR_MS));
    }
  });

  it('comes in bounded windows first, then by polling from the link of the last page', async () => {
    assert.equal((await turns.turn()).error, undefined);
    assert.deepEqual(distinct(), wanted());
    assert.ok(standIn.asked[0]?.url.searchParams.has('until'));
    const asked = standIn.asked.length;
    // Stored now, although it happened long ago: polling follows the order of storing.
    service.records.push(timed('old', NOW_MS - 30 * MINUTE_MS), timed('new', NOW_MS + 1000));
    turns.clock.advanceMs(MINUTE_MS);
    await turns.turn();
    assert.deepEqual(distinct(), wanted());
    assert.equal(standIn.asked.length - asked, 2, 'one page, and one that is empty');
  });

  it('is polled anew, with an overlap, when the link is gone', async () => {
    await turns.turn();
    service.pages.forget();
    service.records.push(timed('after', NOW_MS + 1000));
    turns.clock.advanceMs(MINUTE_MS);
    assert.equal((await turns.turn()).error, undefined);
    assert.deepEqual(distinct(), wanted());
  });

  it('waits until the moment that its rate limit is reset', async () => {
    const reset = String((NOW_MS + 42_000) / 1000);
    standIn.failNext({ status: 429, headers: { 'x-rate-limit-reset': reset } });
    await turns.turn();
    assert.equal((await turns.view()).nextMs, NOW_MS + 42_000);
  });
});

describe('Google Reports', () => {
  it('come for each application, by page tokens, with a signed assertion for access', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    standIn = await LogStandIn.open();
    service = googleService();
    standIn.add(service.route);
    turns = await openTurns(
      {
        ...{ kind: 'google-reports', url: standIn.base, tokenUrl: standIn.tokenUrl },
        ...{ subject: 'admin@harbour.example', feeds: ['login', 'token'], backfillDays: 2 },
      },
      {
        client_email: 'robot@project.example',
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      },
    );
    for (let at = 0; at < 5; at += 1)
      service.records.push(timed(`g${at}`, NOW_MS - at * 9 * HOUR_MS - 1));
    service.records.push({ record: { id: 't', application: 'token' }, timeMs: NOW_MS - HOUR_MS });
    assert.equal((await turns.turn()).error, undefined);
    assert.deepEqual(distinct(), wanted());
    const assertion = standIn.tokenForms[0]?.get('assertion')?.split('.')[1] ?? '';
    const claims = JSON.parse(Buffer.from(assertion, 'base64url').toString());
    assert.equal(claims.sub, 'admin@harbour.example');
    // Hours late, as they are: within the overlap of a day.
    service.records.push(timed('late', NOW_MS - 20 * HOUR_MS));
    turns.clock.advanceMs(HOUR_MS);
    await turns.turn();
    assert.deepEqual(distinct(), wanted());
  });
});
