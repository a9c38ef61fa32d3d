import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeyState, PublicKeyRecord, SignatureAlg } from '@countersign/keys';
import { ManualClock } from '@countersign/vocabulary';
import { RealmKeys, type RealmKeysOptions } from './realm-keys.ts';

const ISSUER = 'https://id.example/acme/workforce';
const ALGORITHMS: SignatureAlg[] = ['ES256', 'EdDSA', 'RS256'];
const receiptOf = (text: string) => Buffer.from(text).toString('base64url');

interface Made {
  kid: string;
  alg?: SignatureAlg;
  state?: KeyState;
  activeMs?: number;
  lastsSeconds?: number;
  issuer?: string;
  signer?: string;
  away?: true;
}

/** A signer, the lives of its keys and a log, each of which can be away. */
class Scene {
  readonly clock = new ManualClock();
  readonly logged: string[] = [];
  readonly unlogged = new Set<string>();
  readonly dead = new Set<string>();
  keys: PublicKeyRecord[] = [];
  reads = 0;
  ensured = 0;
  signerAway = false;
  signerHangs = false;
  onEnsure: () => void = () => undefined;
  readonly realm: RealmKeys;

  constructor(algorithms: SignatureAlg[] = ['ES256']) {
    const options: RealmKeysOptions = {
      signer: {
        listKeys: async () => {
          this.reads += 1;
          if (this.signerAway) throw new Error('signer away');
          if (this.signerHangs) await new Promise(() => undefined);
          return [...this.keys];
        },
      },
      keyLog: {
        ensure: async (event, { kid }) => {
          if (this.unlogged.has(`${event} ${kid}`)) throw new Error('log away');
          this.logged.push(`${event} ${kid}`);
          return Buffer.from(`${event} ${kid}`);
        },
      },
      keyLives: {
        ensureRealm: async () => {
          this.ensured += 1;
          this.onEnsure();
        },
        isDead: (_, kid) => this.dead.has(kid),
      },
      realm: { tenant: 'acme', population: 'workforce' },
      issuer: ISSUER,
      algorithms,
      clock: this.clock,
      freshnessMs: 30_000,
      patienceMs: 1,
    };
    this.realm = new RealmKeys(options);
  }

  add({ kid, alg = 'ES256', state = 'active', activeMs = 0, lastsSeconds = 1e6, ...made }: Made) {
    const nowSeconds = this.clock.nowMs() / 1000;
    const notAfterSeconds = nowSeconds + lastsSeconds;
    const { issuer = ISSUER, ...where } = made;
    this.keys.push({
      ...{ kid, alg, createdMs: 0, publicJwk: { kid, alg, exp: notAfterSeconds }, ...where },
      life: { state, sinceMs: { planned: 0, active: activeMs } },
      scope: { issuer, notBeforeSeconds: nowSeconds - 60, notAfterSeconds },
    } as unknown as PublicKeyRecord);
  }

  async shown(): Promise<string[]> {
    return (await this.realm.publishedKeys()).map(({ kid }) => kid);
  }

  async signs(alg: SignatureAlg = 'ES256'): Promise<string> {
    return (await this.realm.signingKey(alg)).kid;
  }
}

describe('the keys of a realm', () => {
  test('are asked for when there are none, once, by one request for all', async () => {
    const scene = new Scene(ALGORITHMS);
    scene.onEnsure = () => {
      for (const alg of ALGORITHMS) scene.add({ kid: alg, alg });
    };
    await Promise.all([scene.signs('ES256'), scene.signs('RS256'), scene.shown()]);
    assert.equal(scene.ensured, 1);
    assert.deepEqual(await scene.shown(), ALGORITHMS);
    assert.equal(scene.reads, 2);
  });

  test('are shown from their publication until nothing of them is alive, and only active ones sign', async () => {
    const scene = new Scene();
    for (const state of [
      'planned',
      'published',
      'active',
      'retiring',
      'retired',
      'revoked',
    ] as const)
      scene.add({ kid: state, state });
    assert.deepEqual(await scene.shown(), ['published', 'active', 'retiring']);
    assert.equal(await scene.signs(), 'active');
  });

  test('of other issuers, and of the past, are never published', async () => {
    const scene = new Scene();
    scene.add({ kid: 'mine', lastsSeconds: 100 });
    scene.add({ kid: 'over', lastsSeconds: -1 });
    scene.add({ kid: 'foreign', issuer: `${ISSUER}2` });
    assert.deepEqual(await scene.shown(), ['mine']);
    scene.clock.advanceMs(29_000);
    assert.deepEqual(await scene.shown(), ['mine']);
    scene.clock.advanceMs(72_000);
    assert.deepEqual(await scene.shown(), []);
  });

  test('are read again when they are no longer fresh, and at once when they are said to have changed', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one' });
    assert.equal(await scene.signs(), 'one');
    scene.add({ kid: 'two', activeMs: 1 });
    assert.equal(await scene.signs(), 'one');
    scene.clock.advanceMs(30_000);
    assert.equal(await scene.signs(), 'two');
    scene.add({ kid: 'three', activeMs: 2 });
    scene.realm.changed();
    assert.equal(await scene.signs(), 'three');
    assert.equal(scene.reads, 3);
  });

  test('the one that began to sign last signs, of a signer that answers, the first one rather', async () => {
    const scene = new Scene();
    scene.add({ kid: 'a1', signer: 'a', activeMs: 1 });
    scene.add({ kid: 'a2', signer: 'a', activeMs: 2 });
    scene.add({ kid: 'b9', signer: 'b', activeMs: 9 });
    assert.equal(await scene.signs(), 'a2');
    for (const key of scene.keys) if (key.signer === 'a') Object.assign(key, { away: true });
    assert.equal(await scene.signs(), 'b9');
    // With all of them away it is the signer that says no.
    for (const key of scene.keys) Object.assign(key, { away: true });
    assert.equal(await scene.signs(), 'a2');
  });

  test('C-14 are shown while the signer hangs, as they were read last, without what died since', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one' });
    scene.add({ kid: 'two' });
    assert.deepEqual(await scene.shown(), ['one', 'two']);
    scene.signerHangs = true;
    scene.dead.add('one');
    scene.realm.changed();
    assert.deepEqual(await scene.shown(), ['two']);
  });

  test('that were revoked neither sign nor are shown from that moment on, whoever is away', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one', activeMs: 2 });
    scene.add({ kid: 'two', activeMs: 1 });
    assert.equal(await scene.signs(), 'one');
    scene.signerAway = true;
    scene.dead.add('one');
    scene.realm.changed();
    assert.equal(await scene.signs(), 'two');
    assert.deepEqual(await scene.shown(), ['two']);
  });

  test('are replaced when the signer refuses one, unless there is no other', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one' });
    const one = await scene.realm.signingKey('ES256');
    scene.clock.advanceMs(1000);
    assert.equal(await scene.realm.replacementOf(one), undefined);
    scene.keys = [];
    scene.add({ kid: 'two' });
    // Thousands that are refused together do not each ask the signer for its keys.
    assert.equal(await scene.realm.replacementOf(one), undefined);
    assert.equal(scene.reads, 2);
    scene.clock.advanceMs(1000);
    assert.equal((await scene.realm.replacementOf(one))?.kid, 'two');
  });

  test('C-01 after the last one ended, a fresh one is asked for, though not by each request', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one', lastsSeconds: 10 });
    assert.equal(await scene.signs(), 'one');
    scene.clock.advanceMs(11_000);
    await assert.rejects(scene.signs(), { code: 'issuance_unavailable' });
    await assert.rejects(scene.signs(), { code: 'issuance_unavailable' });
    assert.equal(scene.ensured, 1);
    scene.onEnsure = () => scene.add({ kid: 'two' });
    scene.clock.advanceMs(1000);
    assert.equal(await scene.signs(), 'two');
  });

  test('stay published while the signer is away, but none are made up', async () => {
    const scene = new Scene();
    scene.signerAway = true;
    await assert.rejects(scene.shown(), /signer away/);
    scene.signerAway = false;
    scene.add({ kid: 'mine' });
    assert.deepEqual(await scene.shown(), ['mine']);
    scene.signerAway = true;
    scene.clock.advanceMs(60_000);
    assert.deepEqual(await scene.shown(), ['mine']);
    assert.equal(await scene.signs(), 'mine');
  });

  test('are shown with the receipt of their publication, and sign only once the log was told', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one' });
    const [jwk] = await scene.realm.publishedKeys();
    assert.equal(jwk?.itr, receiptOf('published one'));
    assert.deepEqual(scene.logged, ['published one']);
    await scene.signs();
    await scene.signs();
    assert.deepEqual(scene.logged, ['published one', 'activated one']);
  });

  test('that the log has not seen are not shown and do not sign; those before them do', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one' });
    assert.equal(await scene.signs(), 'one');
    scene.add({ kid: 'two', activeMs: 1 });
    scene.unlogged.add('published two');
    scene.clock.advanceMs(60_000);
    assert.equal(await scene.signs(), 'one');
    assert.deepEqual(await scene.shown(), ['one']);
    scene.unlogged.clear();
    scene.clock.advanceMs(1000);
    assert.equal(await scene.signs(), 'two');
  });

  test('show none and sign nothing while the log has seen none', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one' });
    scene.unlogged.add('published one');
    await assert.rejects(scene.shown(), /log away/);
    await assert.rejects(scene.signs(), /log away/);
  });

  test('of one algorithm that the log has not seen yet are asked for again shortly', async () => {
    const scene = new Scene(ALGORITHMS);
    for (const alg of ALGORITHMS) scene.add({ kid: alg, alg });
    scene.unlogged.add('published ES256');
    assert.deepEqual(await scene.shown(), ['EdDSA', 'RS256']);
    await assert.rejects(scene.signs('ES256'), { code: 'issuance_unavailable' });
    assert.equal(await scene.signs('RS256'), 'RS256');
  });

  test('do not sign while the log cannot be told that they begin to', async () => {
    const scene = new Scene();
    scene.add({ kid: 'one' });
    scene.unlogged.add('activated one');
    assert.deepEqual(await scene.shown(), ['one']);
    await assert.rejects(scene.signs(), { code: 'issuance_unavailable' });
  });
});
