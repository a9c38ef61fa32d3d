// What the reconciler proved of a token speaks for whom it names, and what a verifier merely says for nobody.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createAudit, createReconciler, type EvidenceVerdict } from '@countersign/audit';
import { detect } from '@countersign/risk';
import { type SubjectKind, systemRandom } from '@countersign/vocabulary';
import { openRiskHouse, REALM, type RiskTestHouse } from '../testing/open-risk-house.ts';
import { subjectKindOf } from './ask-directory.ts';
import { judgeFindings } from './judge-findings.ts';

const ISSUER = 'https://id.acme.example';
const ACME = { id: 'r-acme', tenant: 'acme' };
const OTHER = { id: 'r-umbrella', tenant: 'umbrella' };
const DAY_MS = 86_400_000;

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
let made = 0;
/** @param signed whether a key of ours signed it; whose realm it speaks for, is the key's to say */
function forge(sub: string, signed = true): string {
  made += 1;
  return `${part({ alg: 'ES256', kid: 'k-1' })}.${part({ sub, jti: `j-${made}`, signed })}.AA`;
}

async function openFindings(given?: RiskTestHouse) {
  const house = given ?? (await openRiskHouse());
  house.risk.engine.engine.parts.detect = (input, memory) => detect(input, memory as never);
  const { store, clock } = house;
  const audit = createAudit({
    ...{ store, clock, random: systemRandom, product: { name: 'countersign', version: '0.1.0' } },
    ownership: {
      realmOfIssuer: (issuer) => (issuer === ISSUER ? REALM : undefined),
      ownsAudience: async () => false,
    },
  });
  const verifyEvidence = (token: string): EvidenceVerdict => {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const { sub: subject, signed } = JSON.parse(payload) as { sub: string; signed: boolean };
    return signed ? { signatureValid: true, issuer: ISSUER, kid: 'k-1', subject } : NOT_OURS;
  };
  const reconciler = createReconciler({
    ...{ audit, verifyEvidence, onFinding: () => undefined },
    readEntries: async () => ({ entries: [], durableSize: 0 }),
    readJournal: async () => ({ entries: [], lastNumber: 0 }),
  });
  const whoIs = async (_realm: string, subject: string): Promise<SubjectKind | undefined> =>
    subject.startsWith('p-') ? 'person' : subject === 'batch' ? 'workload' : undefined;
  const judge = judgeFindings(house.risk.house, { audit, whoIs });
  return {
    ...{ house, audit, judge },
    /** Reported, reconciled, judged and followed. */
    report: async (tokens: readonly string[], by = ACME, more: object = {}) => {
      const uses = tokens.map((token) => ({
        ...{ id: hashOf(token).slice(0, 16), atMs: clock.nowMs(), decision: 'refused' },
        ...{ code: 'receipt_missing', issuer: ISSUER, kid: 'k-1' },
        ...{ tokenHash: hashOf(token), evidence: token, ...more },
      }));
      await audit.recordUses(by, { verifier: { name: 'v', version: '1' }, uses });
      await reconciler.tick();
      await judge();
      await house.follow();
    },
    levelOf: async (subject: string) =>
      (await house.risk.house.memory.open(REALM, subject)).standing?.level(clock.nowMs()),
    actsOf: (subject: string) => house.risk.house.memory.acts.list({ realm: REALM, subject }),
  };
}
const NOT_OURS: EvidenceVerdict = { signatureValid: false };

describe('a token that was never issued', () => {
  let findings: Awaited<ReturnType<typeof openFindings>>;
  before(async () => {
    findings = await openFindings();
  });
  after(() => findings.house.close());

  test('and that our key signed speaks for whom it names: their sign-ins end, whoever brought it', async () => {
    const { house, report, levelOf, actsOf } = findings;
    await report([forge('p-named')], OTHER);
    assert.equal(await levelOf('p-named'), 'high');
    assert.deepEqual(house.ended, [`${REALM} p-named`]);
    const [act, ...more] = await actsOf('p-named');
    assert.equal(more.length, 0);
    assert.deepEqual(
      act?.assessment?.detections.map(({ code }) => code),
      ['token_issuer_anomaly'],
    );
    assert.deepEqual(await house.risk.house.memory.acts.list({ tenant: 'umbrella' }), []);
    const [forged] = await house.events('token.forged');
    const [assessed] = await house.events('risk.assessed');
    assert.match(assessed?.text ?? '', new RegExp(`"caused_by":"${forged?.uid}"`));
    const { profile } = await house.risk.house.memory.open(REALM, 'p-named');
    assert.equal(profile.depth, 0);
  });

  test('counts once, however often it comes, and after a kill as before it', async () => {
    const { house, report, actsOf, audit } = findings;
    const token = forge('p-often');
    await report([token]);
    house.clock.advanceMs(60_000);
    await report([token], { id: 'r-2', tenant: 'acme' });
    const whoIs = async () => 'person' as const;
    // Another life, of which nothing was kept but what is on record.
    await house.store.transaction((tx) =>
      tx.deleteFrom('risk_cursor').where('name', 'like', 'follower:%').execute(),
    );
    await judgeFindings(house.risk.house, { audit, whoIs })();
    assert.equal((await actsOf('p-often')).length, 1);
  });

  test('is of nobody when no key of ours signed it, whatever a verifier says of it', async () => {
    const { report, levelOf, actsOf } = findings;
    await report([forge('p-garbage', false)]);
    await report([forge('p-garbage', false)], ACME, { decision: 'accepted', subject: 'p-garbage' });
    const claimed = { decision: 'accepted', subject: 'p-garbage', evidence: undefined };
    await report([forge('p-garbage')], ACME, claimed);
    assert.equal(await levelOf('p-garbage'), 'low');
    assert.deepEqual(await actsOf('p-garbage'), []);
  });

  test('names a machine, too, and nobody whom there is not', async () => {
    const { report, levelOf, actsOf } = findings;
    await report([forge('batch'), forge('x-nobody')]);
    assert.equal(await levelOf('batch'), 'high');
    assert.deepEqual(await actsOf('x-nobody'), []);
  });

  test('speaks for fifty of a tenant a day: who holds the key could name everybody', async () => {
    const { house, report, actsOf } = findings;
    house.clock.advanceMs(DAY_MS + 1);
    for (let page = 0; page < 3; page++) {
      const tokens = Array.from({ length: 20 }, (_, n) => forge(`p-${page * 20 + n}`));
      await report(tokens);
      house.clock.advanceMs(1_000);
    }
    const named = await Promise.all(Array.from({ length: 60 }, (_, n) => actsOf(`p-${n}`)));
    assert.equal(named.flat().length, 50);
    house.clock.advanceMs(DAY_MS + 1);
    await report([forge('p-tomorrow')]);
    assert.equal((await actsOf('p-tomorrow')).length, 1);
  });
});

test('A token of ours whose lineage breaks speaks for its person, and one that was used elsewhere does not', async () => {
  const { house, audit, judge, levelOf } = await openFindings();
  const laundered = (subject: string, proven: boolean, timeMs = house.clock.nowMs()) => ({
    ...{ name: 'token.laundered' as const, timeMs, realm: REALM, reason: 'parent_unknown' },
    token: { kind: 'other' as const, tokenHash: hashOf(subject), subject },
    extra: { proven },
  });
  await audit.record([
    laundered('p-broken', true),
    laundered('p-claimed', false),
    laundered('p-of-before', true, house.clock.nowMs() - 8 * DAY_MS),
  ]);
  await judge();
  await house.follow();
  assert.equal(await levelOf('p-broken'), 'high');
  assert.equal(await levelOf('p-claimed'), 'low');
  assert.equal(await levelOf('p-of-before'), 'low');
  assert.deepEqual(house.ended, [`${REALM} p-broken`]);
  await house.close();
});

test('A finding that cannot be judged now is judged at the next turn, and holds up nothing for ever', async () => {
  const findings = await openFindings();
  const { house, report, judge, levelOf } = findings;
  const { memory } = house.risk.house;
  const { write } = memory;
  Object.assign(memory, { write: () => Promise.reject(new Error('no disk')) });
  await assert.rejects(report([forge('p-later')]), /no disk/);
  Object.assign(memory, { write });
  await judge();
  assert.equal(await levelOf('p-later'), 'high');
  await house.close();
});

test('Who a token names is a person, a device or a client of its own realm, or nobody', async () => {
  const house = await openRiskHouse();
  const { people, clients } = house.directory;
  const whoIs = subjectKindOf(house.directory);
  const { id } = await people.create({
    realm: REALM,
    username: 'ada',
    password: 'correct horse battery',
  });
  const device = {
    realm: 'acme/device',
    username: 'meter',
    password: 'battery staple horse',
  } as const;
  const { id: deviceId } = await people.create(device);
  const { client } = await clients.register(REALM, {
    ...{ client_name: 'Batch', redirect_uris: [], grant_types: ['client_credentials'] },
  });
  assert.equal(await whoIs(REALM, id), 'person');
  assert.equal(await whoIs('acme/device', deviceId), 'device');
  assert.equal(await whoIs(REALM, client.client_id), 'workload');
  for (const realm of ['acme/workforce', 'umbrella/customer'] as const) {
    assert.equal(await whoIs(realm, id), undefined);
    assert.equal(await whoIs(realm, client.client_id), undefined);
  }
  await house.close();
});
