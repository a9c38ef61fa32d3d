// A signer, a ledger and one or two servers that turn its keys over, on a clock that jumps, with
// crashes between any two steps. True time is known here and to nobody inside.

import assert from 'node:assert/strict';
import { type Random, seededRandom } from '@countersign/vocabulary';
import type { KeyScope } from '../../scope/key-scope.ts';
import { endLife, type KeyState, startLife, stepLife } from '../key-life.ts';
import type { KeySchedule } from '../key-profile.ts';
import type { KeyAction, KeyPlan, PlanInput } from '../plan-facts.ts';
import { planKeyLives } from '../plan-key-lives.ts';
import type { PublicKeyRecord } from '../public-key-record.ts';

export const SCHEDULE: KeySchedule = {
  maxAgeSeconds: 30_000,
  rotateEverySeconds: 10_000,
  publishLeadSeconds: 3600,
  handoverSeconds: 600,
};
const SCOPE: KeyScope = {
  issuer: 'https://id.example/acme/workforce',
  tenant: 'acme',
  population: 'workforce',
  audiences: '*',
  tokenTypes: ['at+jwt'],
  longestLifetimeSeconds: 600,
  notBeforeSeconds: 0,
  notAfterSeconds: 0,
};
const ORDER: readonly KeyState[] = [
  'planned',
  'published',
  'active',
  'retiring',
  'retired',
  'revoked',
];

export interface SimulationOptions {
  seed: number;
  signers?: number;
  servers?: number;
  jumps?: boolean;
  crashes?: boolean;
  /** Log or signer do not answer for a while. */
  outages?: boolean;
  revocations?: boolean;
  pauses?: boolean;
}

interface Token {
  kid: string;
  /** By true time. */
  endsMs: number;
  expiresAtSeconds: number;
}

export class Simulation {
  trueMs = 0;
  readonly counts = { activated: 0, emergencies: 0, retired: 0, signed: 0, refused: 0, made: 0 };
  readonly #options: SimulationOptions;
  readonly #random: Random;
  readonly #keys: PublicKeyRecord[] = [];
  readonly #shownMs = new Map<string, number>();
  readonly #dead = new Map<string, string>();
  readonly #away = new Set<string>();
  #tokens: Token[] = [];
  #offsetMs = 1_800_000_000_000;
  #jumpedMs: number | undefined;
  #logAway = false;
  #isCalm = false;
  #pausedUntilMs: number | undefined;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  get nowMs(): number {
    return this.trueMs + this.#offsetMs;
  }

  get keys(): readonly PublicKeyRecord[] {
    return this.#keys;
  }

  under(limit: number): number {
    return this.#random.bytes(4).reduce((n, byte) => n * 256 + byte, 0) % limit;
  }

  /** A server's turn, each step of which looks anew; undefined when it died in it. */
  turn(snapshot = this.list()): KeyPlan | undefined {
    let seen = snapshot;
    for (let round = 0; round < 20; round += 1) {
      const plan = planKeyLives(this.input(seen));
      let done = 0;
      for (const action of plan.actions) {
        if (this.#options.crashes === true && !this.#isCalm && this.under(8) === 0)
          return undefined;
        if (this.#do(action, seen)) done += 1;
      }
      if (done === 0) return plan;
      seen = this.list();
    }
    throw assert.fail('a turn that does not end');
  }

  list(): PublicKeyRecord[] {
    for (const key of this.#keys) {
      const endMs = key.scope.notAfterSeconds * 1000;
      if (this.nowMs >= endMs) key.life = endLife(key.life, endMs);
    }
    return this.#keys.map((key) => ({
      ...key,
      ...(this.#away.has(key.signer ?? '') ? { away: true as const } : {}),
    }));
  }

  input(keys: readonly PublicKeyRecord[]): PlanInput {
    const nowSeconds = Math.floor(this.nowMs / 1000);
    const { signers = 1 } = this.#options;
    return {
      keys,
      nowMs: this.nowMs,
      schedule: SCHEDULE,
      scope: SCOPE,
      wanted: Array.from({ length: signers }, (_, at) => ({ alg: 'ES256', signer: `s${at}` })),
      facts: {
        liveTokens: (kid) =>
          this.#tokens.filter((token) => token.kid === kid && token.expiresAtSeconds > nowSeconds)
            .length,
        lastUseMs: () => undefined,
        dead: this.#dead,
        ...(this.#pausedUntilMs !== undefined && this.#pausedUntilMs > this.nowMs
          ? { pausedUntilMs: this.#pausedUntilMs }
          : {}),
        clockJumpedMs: this.#jumpedMs,
      },
    };
  }

  /** What a provider does: the newest key that signs, whose signer answers. */
  sign(): PublicKeyRecord | undefined {
    const [key] = this.list()
      .filter(({ life }) => life.state === 'active')
      .filter(({ kid, away }) => away === undefined && !this.#dead.has(kid))
      .filter(({ scope }) => this.#isValid(scope))
      .sort((one, other) => (other.life.sinceMs.active ?? 0) - (one.life.sinceMs.active ?? 0));
    if (key === undefined) {
      this.counts.refused += 1;
      return undefined;
    }
    this.counts.signed += 1;
    this.#tokens.push({
      kid: key.kid,
      endsMs: this.trueMs + 600_000,
      expiresAtSeconds: Math.floor(this.nowMs / 1000) + 600,
    });
    return key;
  }

  pass(ms: number): void {
    this.trueMs += ms;
    this.#tokens = this.#tokens.filter(({ endsMs }) => endsMs > this.trueMs);
  }

  /** Servers notice a jump before they do anything else: see clock-jumps.ts of the provider. */
  jump(ms: number): void {
    this.#offsetMs += ms;
    this.#jumpedMs = this.nowMs;
  }

  /** Something happens that nobody asked for. */
  disturb(): void {
    const { jumps, outages, revocations, pauses, signers = 1 } = this.#options;
    const what = this.under(20);
    if (jumps === true && what === 0) this.jump(this.under(40_000_000));
    if (jumps === true && what === 1) this.jump(-this.under(40_000_000));
    if (outages === true && what === 2) this.#logAway = !this.#logAway;
    if (outages === true && what === 3 && signers > 1) {
      if (this.#away.size > 0) this.#away.clear();
      else this.#away.add(`s${this.under(signers)}`);
    }
    if (revocations === true && what === 4 && this.#keys.length > 0) {
      const kid = this.#keys[this.under(this.#keys.length)]?.kid ?? '';
      this.#dead.set(kid, 'token.forged');
    }
    if (pauses === true && what === 5) this.#pausedUntilMs = this.nowMs + this.under(20_000_000);
  }

  /** From now on everything answers. */
  calm(): void {
    this.#isCalm = true;
    this.#logAway = false;
    this.#away.clear();
    this.#pausedUntilMs = undefined;
  }

  #isValid({ notBeforeSeconds, notAfterSeconds }: KeyScope): boolean {
    return notBeforeSeconds * 1000 <= this.nowMs && this.nowMs < notAfterSeconds * 1000;
  }

  /** False when somebody did not answer, or another server was faster. */
  #do(action: KeyAction, seen: readonly PublicKeyRecord[]): boolean {
    if (action.do === 'make') return this.#make(action.signer, action.custody);
    const key = this.#keys.find(({ kid }) => kid === action.kid) ?? assert.fail();
    if (this.#away.has(key.signer ?? '')) return false;
    const isLogged = action.to !== 'retiring';
    if (isLogged && this.#logAway && action.to !== 'revoked') return false;
    if (key.life.state === action.to) return true;
    const isStale = seen.find(({ kid }) => kid === key.kid)?.life.state !== key.life.state;
    if (isStale && ORDER.indexOf(key.life.state) > ORDER.indexOf(action.to)) return false;
    // Whoever sees the signer as it is never asks it for a step that does not exist.
    const next = stepLife(key.life, action.to, this.nowMs);
    this.#judge(key, action.to, isStale);
    key.life = next;
    return true;
  }

  #make(signer: string, custody: PublicKeyRecord['custody'] = 'software'): boolean {
    if (this.#away.has(signer)) return false;
    this.counts.made += 1;
    const notBeforeSeconds = Math.floor(this.nowMs / 1000) - 60;
    const notAfterSeconds = notBeforeSeconds + SCHEDULE.maxAgeSeconds;
    this.#keys.push({
      ...{ kid: `k${this.#keys.length}`, alg: 'ES256', custody, signer, createdMs: this.nowMs },
      scope: { ...SCOPE, notBeforeSeconds, notAfterSeconds },
      life: startLife(this.nowMs),
    } as unknown as PublicKeyRecord);
    return true;
  }

  #judge(key: PublicKeyRecord, to: KeyState, isStale: boolean): void {
    const { kid } = key;
    if (to === 'published') this.#shownMs.set(kid, this.trueMs);
    if (to === 'retired' && this.nowMs < key.scope.notAfterSeconds * 1000) {
      this.counts.retired += 1;
      const alive = this.#tokens.filter((token) => token.kid === kid);
      assert.equal(alive.length, 0, `${kid} was taken out with ${alive.length} live tokens`);
    }
    if (to !== 'active') return;
    this.counts.activated += 1;
    const others = this.#keys.filter(
      (other) =>
        other !== key &&
        other.life.state === 'active' &&
        this.#isValid(other.scope) &&
        this.nowMs < (other.scope.notAfterSeconds - 600) * 1000 &&
        !this.#dead.has(other.kid) &&
        !this.#away.has(other.signer ?? ''),
    );
    if (others.length === 0) {
      this.counts.emergencies += 1;
      return;
    }
    const shownForMs = this.trueMs - (this.#shownMs.get(kid) ?? this.trueMs);
    // Two that saw at once that nobody signed may both make good for it.
    if (!isStale && others.every((other) => other.life.sinceMs.active !== this.nowMs))
      assert.ok(shownForMs >= SCHEDULE.publishLeadSeconds * 1000, `${kid} after ${shownForMs} ms`);
  }
}
