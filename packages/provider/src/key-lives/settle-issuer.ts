// Carries the plan for one issuer out, step by step, looking again after each round. A crash between
// any two leaves a state from which the next round goes on; a step that fails holds up no other.

import {
  type KeyAction,
  type KeyPlan,
  type KeySeat,
  type MoveKey,
  type PlanInput,
  type PublicKeyRecord,
  planKeyLives,
  type RotationWish,
  signerOf,
} from '@countersign/keys';
import type { Lease } from '@countersign/storage';
import type { KeyEvent } from '@countersign/verifier';
import { CodedError, type Realm, toSeconds } from '@countersign/vocabulary';
import { endedLately } from './ended-lately.ts';
import { gatherFacts, type IssuerFacts } from './gather-facts.ts';
import type { KeyLivesCode } from './key-lives.ts';
import type { KeyLivesOptions } from './key-lives-options.ts';
import { SIGNATURE_ALGORITHMS, scopeOfRealm } from './realm-scope.ts';
import { type AskedBy, type ToldChanges, whoAsks } from './tell-change.ts';

/** More than the life of a key has steps, at every seat: beyond it something goes round in circles. */
const MOST_ROUNDS = 40;

/** What the log must hold before a key reaches a state. */
const LOGGED: Partial<Record<MoveKey['to'], KeyEvent>> = {
  published: 'published',
  active: 'activated',
  retired: 'retired',
};

export interface SettleOrder {
  realm: Realm;
  issuer: string;
  /** Asked before each step. */
  lease: Pick<Lease, 'holds'>;
  clockJumpedMs: number | undefined;
  asked?: AskedBy | undefined;
  /** For the first round only: what is asked for once happens once. */
  rotateNow?: RotationWish | undefined;
}

export interface Settled {
  keys: PublicKeyRecord[];
  plan: KeyPlan;
  facts: IssuerFacts;
  changed: boolean;
  /** In the order they came. */
  failures: unknown[];
}

export class IssuerSettler {
  readonly #options: KeyLivesOptions;
  readonly #told: ToldChanges;
  /** Keys whose end is on record everywhere: nothing more is to be done for them. */
  readonly #buried = new Set<string>();

  constructor(options: KeyLivesOptions, told: ToldChanges) {
    this.#options = options;
    this.#told = told;
  }

  async settle(order: SettleOrder): Promise<Settled> {
    const failed = new Map<string, unknown>();
    let changed = false;
    for (let round = 0; ; round += 1) {
      const looked = await this.look(order.issuer, order.realm, {
        ...order,
        rotateNow: round === 0 ? order.rotateNow : undefined,
      });
      const open = looked.plan.actions.filter((action) => !failed.has(nameOf(action)));
      if (open.length === 0 || round === MOST_ROUNDS) {
        await this.#finish(order, looked).catch((error: unknown) => failed.set('finish', error));
        return { ...looked, changed, failures: [...failed.values()] };
      }
      const attempt = async (action: KeyAction): Promise<void> => {
        try {
          await this.#carryOut(action, order, looked.keys);
          changed = true;
        } catch (error) {
          failed.set(nameOf(action), error);
        }
      };
      // Keys of one seat in order; seats have nothing to do with each other.
      const bySeat = Map.groupBy(open, (action) => seatOf(action, looked.keys));
      const inOrder = async (actions: readonly KeyAction[]): Promise<void> => {
        for (const action of actions) await attempt(action);
      };
      await Promise.all([...bySeat.values()].map(inOrder));
    }
  }

  /** What there is and what would be done, without doing it. @throws what signer or store said */
  async look(
    issuer: string,
    realm: Realm,
    { clockJumpedMs, rotateNow }: Pick<SettleOrder, 'clockJumpedMs' | 'rotateNow'>,
    known?: PublicKeyRecord[],
  ): Promise<Omit<Settled, 'changed' | 'failures'>> {
    const { signer, clock } = this.#options;
    const keys = known ?? (await signer.listKeys(issuer, endedLately(clock)));
    const facts = await gatherFacts(this.#options, { issuer, keys, clockJumpedMs, rotateNow });
    return { keys, facts, plan: planKeyLives(this.#describeInput(realm, keys, facts)) };
  }

  /** Every seat where this issuer shall have keys. */
  get seats(): KeySeat[] {
    const { signerNames = [''], algorithms = SIGNATURE_ALGORITHMS } = this.#options;
    return signerNames.flatMap((signer) => algorithms.map((alg) => ({ alg, signer })));
  }

  #describeInput(realm: Realm, keys: readonly PublicKeyRecord[], facts: IssuerFacts): PlanInput {
    const nowMs = this.#options.clock.nowMs();
    const { schedule } = this.#options;
    return {
      keys,
      nowMs,
      schedule,
      scope: scopeOfRealm(this.#options, realm, toSeconds(nowMs), schedule.maxAgeSeconds),
      wanted: this.seats,
      facts,
    };
  }

  async #carryOut(
    action: KeyAction,
    order: SettleOrder,
    keys: readonly PublicKeyRecord[],
  ): Promise<void> {
    if (!(await order.lease.holds())) {
      throw new CodedError<KeyLivesCode>('keys_busy', 'Another server moves these keys now.', {
        retryAfterSeconds: 1,
      });
    }
    if (action.do === 'make') {
      await this.make(order.realm, action, order.asked);
      return;
    }
    const key = keys.find(({ kid }) => kid === action.kid);
    if (key === undefined) return;
    const { signer, keyLog } = this.#options;
    const event = LOGGED[action.to];
    if (event !== undefined) await keyLog.ensure(event, key);
    const because = action.to === 'revoked' ? { reason: action.reason } : {};
    await signer.changeKey(action.kid, action.to, { ...whoAsks(order.asked), ...because });
  }

  make(
    realm: Realm,
    { alg, signer, custody }: KeySeat & Pick<Extract<KeyAction, { do: 'make' }>, 'custody'>,
    asked?: AskedBy,
  ) {
    const { clock, schedule } = this.#options;
    const nowSeconds = toSeconds(clock.nowMs());
    return this.#options.signer.makeKey(
      alg,
      scopeOfRealm(this.#options, realm, nowSeconds, schedule.maxAgeSeconds),
      {
        ...whoAsks(asked),
        ...(custody === undefined ? {} : { custody }),
        ...(signer === '' ? {} : { signer }),
      },
    );
  }

  /** Everything that follows from the states as they are, and may have been cut short before. */
  async #finish({ issuer, asked }: SettleOrder, { keys, facts }: Pick<Settled, 'keys' | 'facts'>) {
    const failures: unknown[] = [];
    let quarantined = facts.quarantined;
    for (const key of keys) {
      const isDead = key.life.state === 'revoked' || facts.dead.has(key.kid);
      if (!isDead || this.#buried.has(key.kid)) continue;
      await this.#bury(key, facts).catch((error: unknown) => failures.push(error));
      const known = await this.#options.audit.listQuarantined();
      const ours = known.filter((other) => other.issuer === issuer);
      quarantined = new Map(ours.map((other) => [other.kid, other]));
    }
    await this.#told.tell(keys, quarantined, asked);
    if (failures.length > 0) throw failures[0];
  }

  /** Verifiers, the log: all that must know of a key that the signer, or the ledger, has ended. */
  async #bury(key: PublicKeyRecord, { dead }: IssuerFacts): Promise<void> {
    const { audit, keyLog, onQuarantined } = this.#options;
    if (!dead.has(key.kid)) {
      const { kid, scope, life } = key;
      const reason = life.reason ?? 'revoked at the signer';
      await audit.quarantineKey({ issuer: scope.issuer, kid, reason, by: 'signer' });
      await onQuarantined?.();
    }
    await keyLog.ensure('revoked', key);
    if (key.life.state === 'revoked') this.#buried.add(key.kid);
  }
}

function seatOf(action: KeyAction, keys: readonly PublicKeyRecord[]): string {
  if (action.do === 'make') return `${action.alg} ${action.signer}`;
  const key = keys.find(({ kid }) => kid === action.kid);
  return key === undefined ? action.kid : `${key.alg} ${signerOf(key)}`;
}

function nameOf(action: KeyAction): string {
  return action.do === 'make'
    ? `make ${action.alg} ${action.signer}`
    : `${action.kid} ${action.to}`;
}
