// One seeded run of a whole house: honest clients, a thief, a liar and crashes in random order.
// Honest work that alarms, or an attack that does not alarm exactly once, fails the run.

import { openStore } from '@countersign/storage';
import {
  isCodedError,
  ManualClock,
  newId,
  type Random,
  seededRandom,
} from '@countersign/vocabulary';
import { auditMigrations } from '../migrations.ts';
import type { IssuedToken } from '../store/issued-token.ts';
import type { AuditTables } from '../tables.ts';
import { type Build, GRACE_MS, REALM, TestHouse } from '../testing/open-house.ts';
import { breakStore, isCrash } from './break-store.ts';
import { Expectations } from './expectations.ts';

/** The server gives up on a token build after this long, and says so. */
const DEADLINE_MS = GRACE_MS / 2;

export interface InFlight {
  leaf: { index: number; leafHash: string };
  facts: Partial<IssuedToken>;
  startedMs: number;
  build?: Build;
}

export class Simulation {
  readonly house: TestHouse;
  readonly expect = new Expectations();
  readonly issued: Build[] = [];
  /** Signed tokens that never left the house. */
  readonly dead: Build[] = [];
  readonly inFlight: InFlight[] = [];
  /** Report batches whose answer a crash swallowed: the verifier sends them again. */
  readonly unanswered: Record<string, unknown>[][] = [];
  readonly #random: Random;
  #mayStrike = true;

  readonly #revive: () => void;

  private constructor(house: TestHouse, random: Random, revive: () => void) {
    this.house = house;
    this.#revive = revive;
    this.#random = random;
  }

  static async run(
    seed: number,
    steps: number,
    act: (simulation: Simulation) => Promise<void>,
    inspect: (house: TestHouse) => Promise<void> = async () => {},
  ): Promise<void> {
    const random = seededRandom(seed);
    const clock = new ManualClock();
    const store = await openStore<AuditTables>({
      memory: true,
      migrations: auditMigrations,
      clock,
    });
    let simulation: Simulation | undefined;
    const strike = () =>
      simulation?.strikes() ? simulation.pick(['before', 'after'] as const) : undefined;
    const breakable = breakStore(store, strike);
    const house = new TestHouse(breakable.store, clock, seed + 1_000_000);
    house.custody.tells = true;
    simulation = new Simulation(house, random, breakable.revive);
    try {
      for (let step = 0; step < steps; step += 1) await simulation.survive(() => act(simulation));
      await simulation.finish();
      await inspect(house);
    } finally {
      await store.close();
    }
  }

  chance(one: number, outOf: number): boolean {
    return this.below(outOf) < one;
  }

  below(limit: number): number {
    const [high = 0, low = 0] = this.#random.bytes(2);
    return (high * 256 + low) % limit;
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(Math.max(1, list.length))];
  }

  strikes(): boolean {
    return this.#mayStrike && this.chance(1, 60);
  }

  /** Does something during which the process may die; then it starts again. */
  async survive(job: () => Promise<void>): Promise<void> {
    try {
      await job();
    } catch (error) {
      if (!isCrash(error)) throw error;
      await this.crash();
    }
  }

  async crash(): Promise<void> {
    this.#revive();
    for (const item of this.inFlight.splice(0)) this.bury(item);
    this.expect.forgetCounts();
    this.#mayStrike = this.chance(1, 3);
    await this.survive(async () => {
      await this.house.restart();
    });
    this.#mayStrike = true;
    await this.survive(() => this.#sendAgain());
  }

  async #sendAgain(): Promise<void> {
    for (const uses of [...this.unanswered]) await this.report(uses);
  }

  bury(item: InFlight): void {
    this.expect.cutLeaves.add(item.leaf.index);
    if (item.build === undefined) return;
    this.expect.cutSignatures.add(item.build.issued.journalNumber);
    this.dead.push(item.build);
  }

  start(facts: Partial<IssuedToken>): void {
    const startedMs = this.house.clock.nowMs();
    this.inFlight.push({ leaf: this.house.append(), facts, startedMs });
  }

  /** One step further: logged → signed → issued. */
  async advance(item: InFlight): Promise<void> {
    if (item.build === undefined) {
      item.build = this.house.finish(item.leaf, { facts: item.facts });
      return;
    }
    const { build } = item;
    try {
      await this.house.record(build);
    } catch (error) {
      if (!(isCodedError(error) && error.code === 'lineage_ended')) throw error;
      this.#remove(item);
      this.bury(item);
      return;
    }
    this.#remove(item);
    this.issued.push(build);
    this.#expectLaundering(build);
  }

  #expectLaundering({ issued }: Build): void {
    if (issued.parentJtiHash?.startsWith('0bad')) {
      this.expect.findings.add(`laundered token:${issued.tokenHash}`);
    }
  }

  /** A crash after the commit: the token is in the ledger, though nobody ever got it. */
  async #expectIfCommitted(build: Build): Promise<void> {
    const { logIndex } = build.issued;
    if ((await this.house.audit.findIssued({ logIndex })) !== undefined) {
      this.#expectLaundering(build);
    }
  }

  async abandon(item: InFlight): Promise<void> {
    const { build, leaf } = item;
    const number = build?.issued.journalNumber;
    const byNumber = this.chance(1, 2);
    await this.house.audit.record([
      {
        name: 'token.abandoned',
        timeMs: this.house.clock.nowMs(),
        realm: REALM,
        token: {
          kind: 'access',
          leafHash: leaf.leafHash,
          ...(byNumber && number !== undefined ? { journalNumber: number } : {}),
        },
        ...(byNumber || build === undefined
          ? {}
          : { extra: { signingInputHash: build.issued.signingInputHash } }),
      },
    ]);
    this.#remove(item);
    this.bury(item);
  }

  #remove(item: InFlight): void {
    this.inFlight.splice(this.inFlight.indexOf(item), 1);
  }

  /** What an honest server does before anything else when it wakes. */
  async settleOverdue(): Promise<void> {
    const nowMs = this.house.clock.nowMs();
    for (const item of this.inFlight.filter(({ startedMs }) => nowMs - startedMs >= DEADLINE_MS)) {
      await this.abandon(item);
    }
  }

  async report(uses: Record<string, unknown>[]): Promise<void> {
    if (!this.unanswered.includes(uses)) this.unanswered.push(uses);
    await this.house.report(uses);
    this.unanswered.splice(this.unanswered.indexOf(uses), 1);
  }

  newId(): string {
    return newId(this.#random);
  }

  /** Lets everything ripen without further crashes, and compares. */
  async finish(): Promise<void> {
    this.#mayStrike = false;
    for (const item of [...this.inFlight]) {
      while (this.inFlight.includes(item)) await this.advance(item);
    }
    await this.#sendAgain();
    await this.house.pass(GRACE_MS + 3000);
    for (const build of this.dead) await this.#expectIfCommitted(build);
    await this.expect.check(this.house);
  }
}
