import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { isEnded, KEY_STATES, type KeyState } from '../life/key-life.ts';
import type { PublicKeyRecord } from '../life/public-key-record.ts';
import { resultOf, SignerWorld } from '../testing/signer-world.ts';
import { makeInput, makePayload, makeScope, NOW_SECONDS } from '../testing/token-fixture.ts';
import type { Signer } from './signer.ts';

const DAY_MS = 86_400_000;
const KEYS = 3;
const which = fc.nat(KEYS - 1);
/** Whatever follows: so that keys get somewhere among all that is refused. */
const NEXT = ['next', 'next', 'next'] as const;
/** Keys of the scenario live for ten days, one after the other by four. */
const deeds = fc.oneof(
  { weight: 2, arbitrary: fc.record({ deed: fc.constant('make' as const), key: which }) },
  {
    weight: 8,
    arbitrary: fc.record({
      deed: fc.constant('change' as const),
      key: which,
      to: fc.constantFrom(...KEY_STATES, ...NEXT, ...NEXT),
    }),
  },
  { weight: 6, arbitrary: fc.record({ deed: fc.constant('sign' as const), key: which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      deed: fc.constant('jump' as const),
      days: fc.integer({ min: -5, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ deed: fc.constantFrom('restart' as const, 'kill' as const) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      deed: fc.constant('bury' as const),
      left: fc.constantFrom('nothing' as const, 'whole' as const, 'zeros' as const),
    }),
  },
);
type Deed =
  | { deed: 'make' | 'sign'; key: number }
  | { deed: 'change'; key: number; to: KeyState | 'next' }
  | { deed: 'jump'; days: number }
  | { deed: 'restart' | 'kill' }
  /** `left`: what is there of the key files when the process dies over it; `nothing`: it does not. */
  | { deed: 'bury'; left: 'nothing' | 'whole' | 'zeros' };

const next = { deed: 'change', key: 0, to: 'next' } as const;
const sign = { deed: 'sign', key: 0 } as const;
/** So that no run is about nothing. */
const BEGIN: readonly Deed[] = [{ deed: 'make', key: 0 }, sign, next, sign, next, sign];
const END: readonly Deed[] = [
  { deed: 'jump', days: 40 },
  sign,
  { deed: 'jump', days: -35 },
  ...[sign, { deed: 'kill' } as const, sign],
  { deed: 'bury', left: 'whole' },
  sign,
  { deed: 'change', key: 0, to: 'revoked' },
  ...[sign, { deed: 'bury', left: 'zeros' } as const, sign],
  { deed: 'restart' },
  ...[sign, { deed: 'bury', left: 'nothing' } as const, sign],
];

/** Lines that are of no use any more go at each start. */
const EAGER = { spareLines: 0 };

/** What the outside has been told of a key. */
interface Told {
  record: PublicKeyRecord;
  /** It was seen at or after its last second. */
  wasOver: boolean;
}

/** Does the deeds and holds every answer against what was answered before. */
class Witness {
  readonly world = new SignerWorld();
  /** How often each thing came of a request to sign. */
  readonly results: Map<string, number>;
  readonly #told = new Map<number, Told>();
  #signer: Signer | undefined;

  constructor(results: Map<string, number>) {
    this.results = results;
  }

  async do(deed: Deed): Promise<void> {
    this.#signer ??= await this.world.start(EAGER);
    if (deed.deed === 'jump') this.world.clock.advanceMs(deed.days * DAY_MS);
    else if (deed.deed === 'restart') this.#signer = await this.world.restart(EAGER);
    else if (deed.deed === 'kill') this.#signer = await this.world.kill(EAGER);
    else if (deed.deed === 'bury') await this.#bury(deed.left);
    else if (deed.deed === 'make') await this.#make(deed.key);
    else if (deed.deed === 'change') this.#change(deed.key, deed.to);
    else if (deed.deed === 'sign') this.#sign(deed.key);
    this.#look(this.#signer);
  }

  /** Private halves of keys that are over go; some come back when power is lost, and go again. */
  async #bury(left: 'nothing' | 'whole' | 'zeros'): Promise<void> {
    const keys = join(this.world.folder, 'keys');
    const files = readdirSync(keys).map((name) => [name, readFileSync(join(keys, name))] as const);
    await this.#signer?.bury(0);
    if (left !== 'nothing') {
      for (const [name, bytes] of files) {
        const path = join(keys, name);
        if (!existsSync(path)) writeFileSync(path, left === 'whole' ? bytes : bytes.fill(0));
      }
      this.#signer = await this.world.kill(EAGER);
      this.#look(this.#signer);
      await this.#signer.bury(0);
    }
    const kept = readdirSync(join(this.world.folder, 'keys'));
    for (const { record } of this.#told.values()) {
      if (!isEnded(record.life)) continue;
      assert.ok(!kept.includes(`${record.kid}.json`), 'a private half is still there');
    }
  }

  get #nowSeconds(): number {
    return Math.floor(this.world.clock.nowMs() / 1000);
  }

  async #make(index: number): Promise<void> {
    if (this.#told.has(index)) return;
    const notBeforeSeconds = NOW_SECONDS + (index * 4 * DAY_MS) / 1000 - 86_400;
    const notAfterSeconds = notBeforeSeconds + (10 * DAY_MS) / 1000;
    try {
      const scope = makeScope({ notBeforeSeconds, notAfterSeconds });
      const record = await (this.#signer as Signer).makeKey('EdDSA', scope);
      assert.equal(record.life.state, 'planned');
      this.#told.set(index, { record, wasOver: false });
    } catch (error) {
      assert.ok(isCodedError(error) && /^key_(expired|not_yet_valid)$/.test(error.code));
    }
  }

  #change(index: number, wanted: KeyState | 'next'): void {
    const told = this.#told.get(index);
    if (told === undefined) return;
    const next = KEY_STATES[KEY_STATES.indexOf(told.record.life.state) + 1] ?? 'revoked';
    const to = wanted === 'next' ? next : wanted;
    try {
      const record = (this.#signer as Signer).changeKey(told.record.kid, to);
      assert.equal(record.life.state, to);
      this.#remember(told, record);
    } catch (error) {
      assert.ok(isCodedError(error) && error.code === 'life_conflict');
    }
  }

  #sign(index: number): void {
    const told = this.#told.get(index);
    if (told === undefined) return;
    const { kid, alg, scope, life } = told.record;
    const now = this.#nowSeconds;
    const payload = makePayload({ iat: now, exp: now + 60 });
    const input = makeInput({ alg, kid, typ: 'at+jwt' }, payload);
    const signer = this.#signer as Signer;
    const [outcome] = signer.signBatch([{ kid, input }]);
    const mayBe =
      life.state === 'active' &&
      !told.wasOver &&
      now >= scope.notBeforeSeconds &&
      now < scope.notAfterSeconds;
    const result = resultOf(outcome);
    this.results.set(result, (this.results.get(result) ?? 0) + 1);
    assert.equal(result === 'signed', mayBe, `${result} in ${life.state}`);
    if (!mayBe) assert.match(result, /^key_(not_active|retired|revoked|expired|not_yet_valid)$/);
  }

  /** The whole list agrees with all that was answered before. */
  #look(signer: Signer): void {
    const listed = new Map(signer.listKeys().map((record) => [record.kid, record]));
    for (const told of this.#told.values()) {
      const record = listed.get(told.record.kid);
      assert.ok(record !== undefined, 'a key is gone');
      this.#remember(told, record);
    }
    assert.equal(listed.size, this.#told.size, 'a key came from nowhere');
  }

  #remember(told: Told, record: PublicKeyRecord): void {
    const isOver = this.#nowSeconds >= record.scope.notAfterSeconds;
    const [before, after] = [told.record.life, record.life];
    const rank = (state: KeyState): number => KEY_STATES.indexOf(state);
    assert.ok(rank(after.state) >= rank(before.state), `${before.state} became ${after.state}`);
    assert.deepEqual({ ...after.sinceMs, ...before.sinceMs }, after.sinceMs);
    if (isOver || told.wasOver) assert.ok(rank(after.state) >= rank('retired'));
    told.wasOver ||= isOver;
    told.record = record;
  }
}

describe('the states of keys', () => {
  it('never go back, and only an active key within its time signs, through changes, restarts, kills and clocks that jump', async () => {
    const results = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(deeds, { minLength: 5, maxLength: 60 }), async (all) => {
        const witness = new Witness(results);
        try {
          for (const deed of [...BEGIN, ...all, ...END]) await witness.do(deed);
        } finally {
          witness.world.end();
        }
      }),
      { numRuns: 25 },
    );
    // It saw what it is about.
    const seen = ['signed', 'key_not_active', 'key_retired', 'key_revoked', 'key_expired'];
    for (const result of seen) assert.ok((results.get(result) ?? 0) > 0, `never ${result}`);
  });
});
