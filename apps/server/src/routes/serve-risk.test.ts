// Who sees what of risk, who may say what it was, and what follows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  attemptOf,
  OPERATOR_TOKEN,
  openRiskHouse,
  REALM,
  type RiskTestHouse,
} from '../testing/open-risk-house.ts';

const DAY_MS = 86_400_000;
const ABROAD = '198.51.100.9';
const ALL = '/risk/assessments?tenant=acme';

interface StandingShown {
  subject: string;
  level: string;
  why?: { assessment?: string; confirmed: boolean; sentence?: string };
}

describe('the routes of risk', () => {
  let house: RiskTestHouse;
  let analyst: string;
  let reader: string;
  let foreign: string;
  let person: string;
  let lateCredential: string;
  let odd: string;
  let ana: string;
  let ben: string;

  async function credentialOf(given: object): Promise<string> {
    const made = await house.directory.readers.create(
      { name: 'Someone', by: 'operator first', ...given } as never,
      () => async () => undefined,
    );
    return made.credential;
  }

  before(async () => {
    house = await openRiskHouse();
    analyst = await credentialOf({ kind: 'tenant', tenant: 'acme', manage: true });
    reader = await credentialOf({ kind: 'tenant', tenant: 'acme' });
    foreign = await credentialOf({ kind: 'tenant', tenant: 'umbrella', manage: true });
    const [one, other] = await Promise.all(
      ['ana', 'ben'].map((username) =>
        house.directory.people.create({ realm: REALM, username, password: 'correct horse 9' }),
      ),
    );
    ana = one?.id ?? assert.fail();
    ben = other?.id ?? assert.fail();
    const own = { kind: 'person', tenant: 'acme', subject: ana, realm: REALM };
    person = await credentialOf(own);
    for (let day = 0; day < 5; day++) {
      house.clock.advanceMs(DAY_MS);
      await house.risk.gate.judge(attemptOf(house.clock, { subject: ana }));
      await house.risk.gate.judge(attemptOf(house.clock, { subject: ben, ip: '192.0.2.8' }));
      await house.risk.house.memory.flush();
    }
    house.clock.advanceMs(DAY_MS);
    const attempt = attemptOf(house.clock, { ip: ABROAD, subject: ana });
    odd = attempt.id;
    await house.risk.gate.judge(attempt);
    house.clock.advanceMs(1000);
    lateCredential = await credentialOf(own);
  });
  after(async () => {
    assert.deepEqual(house.unexpected, []);
    await house.close();
  });

  test('show a tenant what was judged of its own, a person what is theirs, and nobody else’s', async () => {
    const count = async (credential: string, path = '/risk/assessments') => {
      const { status, body } = await house.ask(path, credential);
      return status === 200 ? (body['assessments'] as object[]).length : status;
    };
    assert.equal(await count(reader), 11);
    assert.equal(await count(OPERATOR_TOKEN, ALL), 11);
    assert.equal(await count(foreign), 0);
    assert.equal(await count(foreign, ALL), 403);
    assert.equal(await count(person), 6);
    assert.equal(await count(person, `/risk/assessments?subject=${ben}`), 6);
    assert.equal(await count(reader, '/risk/assessments?score=75'), 1);
    assert.equal(await count('nonsense'), 401);
  });

  test('put each read into the log of whose it is', async () => {
    const before = (await house.events('audit.read')).length;
    await house.ask('/risk/standings', reader);
    const [last] = (await house.events('audit.read')).slice(before);
    assert.equal(last?.tenant, 'acme');
    assert.match(last?.text ?? '', /risk standings/);
  });

  test('explain one assessment to the tenant and to the person, as if it were not there to others', async () => {
    const { body } = await house.ask(`/risk/assessments/${odd}`, person);
    assert.deepEqual(
      [body['level'], body['action'], (body['where'] as { country: string }).country],
      ['high', 'deny', 'LV'],
    );
    assert.doesNotMatch(JSON.stringify(body), /198\.51\.100|Mozilla|"values"/);
    assert.equal((await house.ask(`/risk/assessments/${odd}`, foreign)).status, 404);
    for (const credential of [reader, OPERATOR_TOKEN]) {
      const nothing = { assessment: 'at-nothing', verb: 'dismiss' };
      assert.equal((await house.ask('/risk/assessments/at-nothing', credential)).status, 404);
      assert.equal((await house.ask('/risk/feedback', credential, 'POST', nothing)).status, 404);
    }
  });

  test('tell who is at risk, and what is remembered of a person in words', async () => {
    const { body } = await house.ask('/risk/standings', reader);
    const [first] = body['standings'] as StandingShown[];
    assert.deepEqual([first?.subject, first?.level], [ana, 'high']);
    assert.deepEqual([first?.why?.assessment, first?.why?.confirmed], [odd, false]);
    assert.match(first?.why?.sentence ?? '', /for this person/);
    const known = await house.ask(`/risk/people/${REALM}/${ana}`, person);
    assert.equal(known.body['level'], 'high');
    const { profile } = known.body as {
      profile: { acts: number; usual: Record<string, object[]> };
    };
    assert.equal(profile.acts, 5);
    assert.deepEqual(profile.usual['country'], [
      { ...(profile.usual['country']?.[0] as object), label: 'NO', percent: 100 },
    ]);
    assert.equal((await house.ask(`/risk/people/${REALM}/${ben}`, person)).status, 404);
  });

  test('tell a person their own standing without going through everybody’s', async () => {
    const { standings } = house.risk.house.memory;
    const { list } = standings;
    standings.list = () => assert.fail('all of them were read');
    const { body } = await house.ask('/risk/standings', person);
    standings.list = list;
    const own = body['standings'] as StandingShown[];
    assert.deepEqual(
      own.map(({ subject, level }) => [subject, level]),
      [[ana, 'high']],
    );
  });

  test('ignore “that was me” from a credential that was made after the act', async () => {
    const said = { assessment: odd, verb: 'was_me' };
    const late = await house.ask('/risk/feedback', lateCredential, 'POST', said);
    const { effect } = late.body as { effect: { believed: boolean; why: string } };
    assert.deepEqual([effect.believed, effect.why], [false, 'from_the_session_in_question']);
    const [event] = (await house.events('risk.feedback')).slice(-1);
    assert.match(event?.text ?? '', /from_the_session_in_question/);
    assert.equal(house.risk.house.standings.limitsNow(REALM, ana)?.accessTokenSeconds, 120);
  });

  test('let nobody say it for another, nor analysts say what only a person can', async () => {
    const status = async (credential: string, verb: string, assessment = odd) =>
      (await house.ask('/risk/feedback', credential, 'POST', { assessment, verb })).status;
    assert.equal(await status(foreign, 'dismiss'), 404);
    assert.equal(await status(reader, 'dismiss'), 403);
    assert.equal(await status(analyst, 'nonsense'), 400);
    const { body } = await house.ask('/risk/feedback', analyst, 'POST', {
      ...{ assessment: odd, verb: 'was_me' },
    });
    assert.equal((body['effect'] as { why: string }).why, 'not_theirs_to_say');
  });

  test('end the sign-ins of who says “that was not me”, and give no token until it is cleared', async () => {
    const said = { assessment: odd, verb: 'was_not_me' };
    const { body } = await house.ask('/risk/feedback', person, 'POST', said);
    assert.equal((body['effect'] as { endsSessions: boolean }).endsSessions, true);
    await house.follow();
    assert.deepEqual(house.ended, [`${REALM} ${ana}`]);
    assert.equal(house.risk.gate.limitsNow(REALM, ana)?.deny, true);
    assert.equal((body['now'] as { level: string }).level, 'high');
    const [worst] = (await house.ask('/risk/standings', reader)).body[
      'standings'
    ] as StandingShown[];
    assert.deepEqual([worst?.why?.assessment, worst?.why?.confirmed], [odd, true]);
    // The score on record is what it was; what was said stands beside it.
    const explained = await house.ask(`/risk/assessments/${odd}`, reader);
    const history = explained.body['history'] as { word: string }[];
    assert.ok(history.some(({ word }) => word === 'was_not_me'));
    const cleared = await house.ask('/risk/feedback', analyst, 'POST', {
      ...{ assessment: odd, verb: 'confirm_safe' },
    });
    assert.equal((cleared.body['effect'] as { standing: string }).standing, 'clear');
    assert.deepEqual(cleared.body['now'], { score: 0, level: 'low' });
    assert.equal(house.risk.gate.limitsNow(REALM, ana), undefined);
  });

  test('take a policy from who may manage, refuse a wrong one, and try one on what has been', async () => {
    const strict = {
      version: 1,
      name: 'strict',
      rules: [{ name: 'none', when: { score: 0 }, action: 'deny' }],
    };
    assert.equal((await house.ask('/risk/policy', reader, 'PUT', strict)).status, 403);
    const wrong = await house.ask('/risk/policy', analyst, 'PUT', { ...strict, rulez: [] });
    assert.equal(wrong.status, 400);
    assert.match(String(wrong.body['title']), /rulez/);
    // A code that no detector has would never be met: the rule would be no rule.
    const misspelt = [{ name: 'spray', when: { detections: ['pasword_spray'] }, action: 'deny' }];
    const typo = await house.ask('/risk/policy', analyst, 'PUT', { ...strict, rules: misspelt });
    assert.equal(typo.status, 400);
    assert.match(String(typo.body['title']), /pasword_spray/);
    // Administrators who cannot sign in are no protection from being locked out.
    const locked = { ...strict, administrators: ['gone-ana', 'gone-ben'] };
    for (const path of ['/risk/policy', '/risk/policy?dryRun=true']) {
      const answer = await house.ask(path, analyst, 'PUT', locked);
      assert.equal(answer.status, 400);
      assert.match(String(answer.body['title']), /gone-ana, gone-ben can sign in to acme/);
    }
    const dry = await house.ask('/risk/policy?dryRun=true', analyst, 'PUT', strict);
    assert.deepEqual([dry.status, dry.body['from']], [200, 'default']);
    assert.equal((await house.events('policy.changed')).length, 0);
    const tried = await house.ask('/risk/simulations', reader, 'POST', { policy: strict });
    const { simulation } = tried.body as {
      simulation: { acts: number; total: { deny: number }; people: { neverIn: number } };
    };
    // Nobody is shut out for being new: the first act of each gets in.
    assert.deepEqual([simulation.total.deny, simulation.people.neverIn], [simulation.acts - 2, 0]);
    assert.ok(simulation.acts > 5);
    assert.equal((await house.ask('/risk/policy', reader)).body['from'], 'default');
    assert.equal((await house.ask('/risk/policy', analyst, 'PUT', strict)).status, 200);
    assert.equal((await house.ask('/risk/policy', reader)).body['from'], 'tenant');
    const { action } = await house.risk.gate.judge(attemptOf(house.clock, { subject: ben }));
    assert.equal(action, 'deny');
    const [changed] = (await house.events('policy.changed')).slice(-1);
    assert.match(changed?.text ?? '', /none: deny/);
  });

  test('try one policy of a tenant at a time, and put it into its log that people were looked at', async () => {
    const before = (await house.events('audit.read')).length;
    const tries = [1, 2].map(() => house.ask('/risk/simulations', reader, 'POST', {}));
    const other = await house.ask('/risk/simulations', foreign, 'POST', {});
    const states = (await Promise.all(tries)).map(({ status }) => status);
    assert.deepEqual([...states, other.status], [200, 429, 200]);
    assert.equal((await house.ask('/risk/simulations', reader, 'POST', {})).status, 200);
    const reads = (await house.events('audit.read')).slice(before);
    assert.deepEqual(reads.map(({ tenant }) => tenant).sort(), ['acme', 'acme', 'umbrella']);
  });

  test('set a profile back and forget a person, each on record', async () => {
    const beforeMs = house.clock.nowMs() - 3 * DAY_MS;
    const back = { realm: REALM, subject: ben, beforeMs };
    assert.equal((await house.ask('/risk/rollback', reader, 'POST', back)).status, 403);
    assert.equal((await house.ask('/risk/rollback', analyst, 'POST', back)).status, 200);
    const { memory } = house.risk.house;
    assert.equal((await memory.open(REALM, ben)).profile.depth, 2);
    // What was denied had taught nothing: only this was set back.
    assert.equal((await house.events('risk.rolled_back')).length, 1);
    const gone = await house.ask(`/risk/people/${REALM}/${ben}`, analyst, 'DELETE');
    assert.equal(gone.status, 200);
    assert.equal((await memory.open(REALM, ben)).profile.depth, 0);
    const early = { ...back, beforeMs: 0 };
    assert.equal((await house.ask('/risk/rollback', analyst, 'POST', early)).status, 409);
  });

  test('let operators alone put in a model, and only one that somebody trusted has signed', async () => {
    const model = { role: 'champion', model: Buffer.from('not a model').toString('base64') };
    assert.equal((await house.ask('/risk/model', analyst, 'PUT', model)).status, 401);
    const refused = await house.ask('/risk/model', OPERATOR_TOKEN, 'PUT', model);
    assert.equal(refused.status, 400);
    const { body } = await house.ask('/risk/model', OPERATOR_TOKEN);
    assert.ok('champion' in body);
  });
});
