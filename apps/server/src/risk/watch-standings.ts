// What is thought of a person, device or workload as a whole. A change of its level is on record in the
// transaction of the act that made it; what limits tokens is asked at every token, so it is held here.

import type { TokenLimits } from '@countersign/provider';
import { decide, Standing } from '@countersign/risk';
import {
  type AttemptKind,
  type Clock,
  type CountersignEvent,
  parseRealmId,
  type RealmId,
  type SubjectKind,
} from '@countersign/vocabulary';
import { bearOn } from './fold-act.ts';
import type { Policies } from './keep-policies.ts';
import type { HouseMemory } from './risk-house.ts';

/** Something that bears on what is thought of a subject. */
export interface Bearing {
  realm: RealmId;
  subject: string;
  subjectKind: SubjectKind;
  timeMs: number;
  reason: 'assessed' | 'settled' | 'feedback';
  /** Whether whoever acted got in: then there are sign-ins to end. */
  gotIn: boolean;
  /** What it does to the standing. */
  apply(standing: Standing): void;
}

export interface SubjectFacts {
  subjectKind: SubjectKind;
  /** Whether there is a factor that could be asked for at a sign-in. */
  hasFactor: boolean;
}

interface AtRisk {
  standing: Standing;
  subjectKind: SubjectKind;
}

interface Parts {
  memory: HouseMemory;
  policies: Pick<Policies, 'of'>;
  clock: Clock;
}

const MOST_AT_RISK = 100_000;

export class StandingWatch {
  readonly #parts: Parts;
  readonly #atRisk = new Map<string, AtRisk>();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async open(parts: Parts): Promise<StandingWatch> {
    const watch = new StandingWatch(parts);
    for (const one of await parts.memory.standings.list(undefined, MOST_AT_RISK)) {
      const { realm, subject, standing, level } = one;
      if (level === 'low') continue;
      const [last] = await parts.memory.acts.list({ realm, subject, limit: 1 });
      watch.#keep(realm, subject, standing, last?.input.subjectKind ?? 'person');
    }
    return watch;
  }

  /**
   * The event of the change that the act is going to make; undefined when the level stays. To be asked right
   * before the act is written: those that are being written already are taken to come before it.
   */
  foresee(standing: Standing | undefined, bearing: Bearing): CountersignEvent | undefined {
    const { realm, subject, subjectKind, timeMs, reason, gotIn } = bearing;
    const before = Standing.decode((standing ?? new Standing()).encode());
    for (const act of this.#parts.memory.underWay(realm, subject)) bearOn(before, act);
    const after = Standing.decode(before.encode());
    bearing.apply(after);
    const [was, is] = [before.level(timeMs), after.level(timeMs)];
    if (was === is) return undefined;
    const score = after.score(timeMs);
    return {
      name: 'risk.changed',
      ...{ timeMs, realm, subject, reason },
      severity: is === 'low' ? 'info' : is,
      item: { kind: subjectKind, id: subject },
      risk: { score, level: is },
      message: `The risk of ${saySubject(subjectKind)} is ${is} now; it was ${was}.`,
      extra: { before: was, gotIn },
    };
  }

  /** After it was folded. */
  look(realm: RealmId, subject: string, standing: Standing | undefined, kind: SubjectKind): void {
    const now = this.#parts.memory.standingNow(realm, subject) ?? standing;
    if (now === undefined) return;
    this.#keep(realm, subject, now, kind);
  }

  forget(realm: RealmId, subject: string): void {
    this.#atRisk.delete(keyOf(realm, subject));
  }

  limitsNow(realm: RealmId, subject: string): TokenLimits | undefined {
    const found = this.#atRisk.get(keyOf(realm, subject));
    if (found === undefined) return undefined;
    const { standing, subjectKind } = found;
    const nowMs = this.#parts.clock.nowMs();
    const level = standing.level(nowMs);
    if (level === 'low') {
      this.#atRisk.delete(keyOf(realm, subject));
      return undefined;
    }
    // Asked for or shut out comes to the same here: neither is to let them go on.
    const about = { subjectKind, hasFactor: subjectKind === 'person' };
    const { action, limit } = this.#decide(realm, standing, about, nowMs);
    // People are not shut out for what merely looked odd: their sign-ins were ended, and the next is judged.
    const isMachine = subjectKind !== 'person';
    const deny = (isMachine && action === 'deny') || (isConfirmed(standing) && action !== 'allow');
    return { ...limit, ...(deny ? { deny } : {}) };
  }

  /**
   * Whether the policy would not let somebody of this standing go on. Who has no factor is not asked for
   * one the next time either: to end their sign-in for the want of it would end every one they begin.
   * Not so once people said that it was an attacker: then the sign-in may be the attacker's.
   */
  endsSignIns(realm: RealmId, standing: Standing, about: SubjectFacts): boolean {
    const nowMs = this.#parts.clock.nowMs();
    const hasFactor = about.hasFactor || (about.subjectKind === 'person' && isConfirmed(standing));
    return this.#decide(realm, standing, { ...about, hasFactor }, nowMs).action !== 'allow';
  }

  /** Whether a person, as they are thought of now, would be turned away if they came to sign in. */
  keepsOut(realm: RealmId, subject: string, hasFactor: boolean): boolean {
    const found = this.#atRisk.get(keyOf(realm, subject));
    if (found === undefined) return false;
    if (this.limitsNow(realm, subject)?.deny === true) return true;
    const about = { subjectKind: 'person', hasFactor, kind: 'sign_in' } as const;
    return this.#decide(realm, found.standing, about, this.#parts.clock.nowMs()).action === 'deny';
  }

  #decide(
    realm: RealmId,
    standing: Standing,
    about: SubjectFacts & { kind?: AttemptKind },
    nowMs: number,
  ) {
    const { tenant, population } = parseRealmId(realm);
    const [score, level] = [standing.score(nowMs), standing.level(nowMs)];
    return decide(
      this.#parts.policies.of(tenant).policy,
      { score, level, state: 'scored', detections: [], heads: {} },
      {
        // At a token nobody can be asked; what would be asked ends the sign-in instead.
        ...{ kind: 'refresh', ...about, population, factorProved: false },
        ...{ administrator: false, otherAdministratorsAble: true },
      },
    );
  }

  #keep(realm: RealmId, subject: string, standing: Standing, subjectKind: SubjectKind): void {
    const key = keyOf(realm, subject);
    this.#atRisk.delete(key);
    if (standing.level(this.#parts.clock.nowMs()) === 'low') return;
    const [oldest] = this.#atRisk.keys();
    if (this.#atRisk.size >= MOST_AT_RISK && oldest !== undefined) this.#atRisk.delete(oldest);
    this.#atRisk.set(key, { standing: Standing.decode(standing.encode()), subjectKind });
  }
}

function isConfirmed({ evidence }: Standing): boolean {
  return evidence.some(({ compromised }) => compromised);
}

function keyOf(realm: RealmId, subject: string): string {
  return `${realm}\0${subject}`;
}

function saySubject(kind: SubjectKind): string {
  return kind === 'agent' ? 'an agent' : `a ${kind}`;
}
