// The lives of keys: what is asked for at once (first keys, rotation, revocation), and the turns that do
// what is due and finish what was cut short.

import type { PublicKeyRecord, RotationWish } from '@countersign/keys';
import { CodedError, newId, type Realm, realmIssuer } from '@countersign/vocabulary';
import { findRollbacks, moveToCustody, standbyProblem } from './ask-for-rotation.ts';
import { describeKey } from './describe-key.ts';
import { byIssuer } from './due-issuers.ts';
import { endedLately } from './ended-lately.ts';
import { KeyFinder } from './find-keys.ts';
import { IssuerHold } from './hold-issuer.ts';
import type { KeyLives, KeyLivesCode, KeyView, RotateOptions } from './key-lives.ts';
import {
  defaultKeyLivesLimits,
  type KeyLivesLimits,
  type KeyLivesOptions,
} from './key-lives-options.ts';
import { realmOfIssuer } from './realm-scope.ts';
import { tellOfEnd, unfinished } from './revoke-key.ts';
import { IssuerSettler, type Settled, type SettleOrder } from './settle-issuer.ts';
import { TakeTurns } from './take-turns.ts';
import { type AskedBy, ToldChanges, whoAsks } from './tell-change.ts';
import { ClockWatch } from './watch-clock.ts';

export function createKeyLives(options: KeyLivesOptions): KeyLives {
  return new LivesOfKeys(options);
}

class LivesOfKeys implements KeyLives {
  readonly #options: KeyLivesOptions;
  readonly #limits: KeyLivesLimits;
  readonly #settler: IssuerSettler;
  readonly #hold: IssuerHold;
  readonly #clockWatch: ClockWatch;
  readonly #turns: TakeTurns;
  readonly #finder: KeyFinder;
  readonly #listeners: ((issuer: string) => void)[] = [];
  /** Issuer and kid of keys that nobody may accept, as far as anybody here has heard. */
  readonly #dead = new Set<string>();

  constructor(options: KeyLivesOptions) {
    const { store, clock, random, steady } = options;
    this.#options = options;
    this.#limits = { ...defaultKeyLivesLimits, ...options.limits };
    this.#settler = new IssuerSettler(options, new ToldChanges(options));
    const { holder = newId(random) } = options;
    this.#hold = new IssuerHold({ store, clock, limits: this.#limits, holder });
    this.#clockWatch = new ClockWatch(store, clock, steady);
    this.#turns = new TakeTurns({
      options,
      limits: this.#limits,
      holder,
      jumpedMs: () => this.#clockWatch.jumpedMs(),
      settle: (issuer) => this.#settleByItself(issuer),
      onDead: (issuer, kid) => this.#died(issuer, kid),
    });
    const { signerPatienceMs: patienceMs } = this.#limits;
    this.#finder = new KeyFinder(options.signer, () => this.#turns.allKeys(), patienceMs);
  }

  async ensureRealm(realm: Realm): Promise<void> {
    const issuer = realmIssuer(this.#options.baseUrl, realm);
    const { seats } = this.#settler;
    // With those that stand by: the first set that a verifier sees holds them too.
    const settled = await this.#settle(issuer, realm, {});
    const nowMs = this.#options.clock.nowMs();
    const isServed = seats.every(({ alg }) =>
      settled.keys.some((key) => key.alg === alg && maySign(key, nowMs)),
    );
    if (!isServed && settled.failures.length > 0) throw settled.failures[0];
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  async rotate(issuer: string, options: RotateOptions): Promise<KeyView[]> {
    const realm = this.#realmOf(issuer);
    const { alg, custody, force, by, reason } = options;
    const wish: RotationWish = { alg, force };
    const asked: AskedBy = { by, reason };
    const settled = await this.#during(issuer, async (base) => {
      const order = { ...base, realm, asked };
      const looked = await this.#settler.look(issuer, realm, { ...base, rotateNow: wish });
      if (looked.keys.length === 0) throw unknownRealm();
      if (looked.facts.pause !== undefined && force !== true) throw paused(looked.facts.pause);
      if (custody !== undefined) {
        const moved = await moveToCustody(this.#settler, realm, looked.keys, {
          alg,
          custody,
          asked,
        });
        if (moved.made > 0 || moved.failures.length > 0) {
          const done = await this.#settler.settle(order);
          return { ...done, failures: [...moved.failures, ...done.failures] };
        }
      }
      const problem = standbyProblem(
        this.#settler.seats,
        looked,
        wish,
        this.#options.clock.nowMs(),
      );
      if (problem !== undefined && custody === undefined) throw problem;
      return this.#settler.settle({
        ...order,
        rotateNow: problem === undefined ? wish : undefined,
      });
    });
    throwFirst(settled);
    return this.#views(settled);
  }

  async rollBack(
    issuer: string,
    { alg, by, reason }: { alg?: RotateOptions['alg']; by: string; reason?: string },
  ): Promise<KeyView[]> {
    const realm = this.#realmOf(issuer);
    const settled = await this.#during(issuer, async (base) => {
      const keys = await this.#options.signer.listKeys(issuer);
      const newest = findRollbacks(keys, this.#options.clock.nowMs(), alg);
      if (newest.length === 0) {
        throw new CodedError<KeyLivesCode>(
          'rollback_too_late',
          'There is no rotation to undo: the keys before sign no more. Rotate again instead.',
        );
      }
      const who = whoAsks({ by, reason });
      for (const { kid } of newest) await this.#options.signer.changeKey(kid, 'retiring', who);
      const done = await this.#settler.settle({ ...base, realm, asked: { by, reason } });
      return { ...done, changed: true };
    });
    throwFirst(settled);
    return this.#views(settled);
  }

  async revoke(kid: string, asked: { reason: string; by: string }): Promise<KeyView> {
    const key = await this.#finder.recall(kid);
    if (key === undefined) throw unknownKey();
    const { issuer } = key.scope;
    // Key sets are ours alone: they wait for nobody.
    this.#died(issuer, kid);
    const failures = await tellOfEnd(this.#options, key, asked);
    try {
      const settled = await this.#settle(issuer, this.#realmOf(issuer), { asked });
      failures.push(...settled.failures);
      const isIt = (view: KeyView): boolean => view.kid === kid;
      // A turn does not look at keys that were over long ago.
      const view = this.#views(settled).find(isIt) ?? (await this.find(kid)).find(isIt);
      if (view !== undefined && failures.length === 0) return view;
    } catch (error) {
      failures.push(error);
    }
    this.#turns.nudge(issuer);
    throw failures.length > 0 ? unfinished(failures) : unknownKey();
  }

  async list(issuer?: string): Promise<KeyView[]> {
    return this.#viewsOf(await this.#options.signer.listKeys(issuer));
  }

  async find(beginning: string): Promise<KeyView[]> {
    const keys = await this.#finder.besides(beginning);
    return (await this.#viewsOf(keys)).filter(({ kid }) => kid.startsWith(beginning));
  }

  async #viewsOf(keys: readonly PublicKeyRecord[]): Promise<KeyView[]> {
    const clockJumpedMs = await this.#clockWatch.jumpedMs();
    const views: KeyView[] = [];
    for (const [name, ofIssuer] of byIssuer(keys)) {
      const realm = realmOfIssuer(this.#options.baseUrl, name);
      if (realm === undefined) continue;
      views.push(
        ...this.#views(await this.#settler.look(name, realm, { clockJumpedMs }, ofIssuer)),
      );
    }
    return views;
  }

  heartbeat(): ReturnType<KeyLives['heartbeat']> {
    return this.#turns.heartbeat();
  }

  onChange(listener: (issuer: string) => void): void {
    this.#listeners.push(listener);
  }

  recallDead(): Promise<void> {
    return this.#turns.readDead();
  }

  isDead(issuer: string, kid: string): boolean {
    return this.#dead.has(`${issuer} ${kid}`);
  }

  async #settleByItself(issuer: string): Promise<Settled | undefined> {
    const realm = realmOfIssuer(this.#options.baseUrl, issuer);
    if (realm === undefined) return undefined;
    // A realm that nobody has asked for yet has no keys, and gets none from here.
    const { signer, clock } = this.#options;
    const lately = await signer.listKeys(issuer, endedLately(clock));
    const keys = lately.length > 0 ? lately : await signer.listKeys(issuer);
    return keys.length === 0 ? undefined : this.#settle(issuer, realm, {}, 0);
  }

  #settle(
    issuer: string,
    realm: Realm,
    order: Pick<SettleOrder, 'asked'>,
    waitMs?: number,
  ): Promise<Settled> {
    const work = (base: BaseOrder) => this.#settler.settle({ ...base, ...order, realm });
    return this.#during(issuer, work, waitMs);
  }

  async #during(
    issuer: string,
    work: (base: BaseOrder) => Promise<Settled>,
    waitMs = this.#limits.longestWaitMs,
  ): Promise<Settled> {
    try {
      const settled = await this.#hold.during(issuer, waitMs, async (lease) =>
        work({ issuer, lease, clockJumpedMs: await this.#clockWatch.jumpedMs() }),
      );
      this.#turns.settled(issuer, settled);
      if (settled.changed) this.#changed(issuer);
      return settled;
    } catch (error) {
      // Some of it may have been done.
      this.#turns.nudge(issuer);
      this.#changed(issuer);
      throw error;
    }
  }

  #views({ keys, plan, facts }: Pick<Settled, 'keys' | 'plan' | 'facts'>): KeyView[] {
    const nowMs = this.#options.clock.nowMs();
    const parts = { nowMs, next: plan.next, pause: facts.pause };
    return keys.map((key) => describeKey(key, parts));
  }

  #died(issuer: string, kid: string): void {
    const name = `${issuer} ${kid}`;
    if (this.#dead.has(name)) return;
    this.#dead.add(name);
    this.#changed(issuer);
  }

  #changed(issuer: string): void {
    for (const listener of this.#listeners) listener(issuer);
  }

  #realmOf(issuer: string): Realm {
    const realm = realmOfIssuer(this.#options.baseUrl, issuer);
    if (realm === undefined) throw unknownRealm();
    return realm;
  }
}

type BaseOrder = Pick<SettleOrder, 'issuer' | 'lease' | 'clockJumpedMs'>;

function maySign({ life, scope, away }: PublicKeyRecord, nowMs: number): boolean {
  const isValid = scope.notBeforeSeconds * 1000 <= nowMs && nowMs < scope.notAfterSeconds * 1000;
  return life.state === 'active' && isValid && away !== true;
}

function throwFirst({ failures }: Settled): void {
  if (failures.length > 0) throw failures[0];
}

function unknownRealm(): CodedError<KeyLivesCode> {
  return new CodedError('realm_unknown', 'There is no such issuer here, or it has no keys yet.');
}

function paused({ untilMs }: { untilMs: number }): CodedError<KeyLivesCode> {
  const until = new Date(untilMs).toISOString();
  return new CodedError(
    'keys_paused',
    `Two persons paused rotation until ${until}: end that first.`,
  );
}

function unknownKey(): CodedError<KeyLivesCode> {
  return new CodedError('key_unknown', 'There is no key of that kid.');
}
