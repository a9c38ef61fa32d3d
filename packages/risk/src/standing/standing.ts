// The aggregated risk of a person, device or workload: its recent odd acts, decayed, and what people said
// about them. A real-time score never changes; this does.

import type { RiskLevel } from '@countersign/vocabulary';
import { type Evidence, MAX_EVIDENCE } from './evidence.ts';
import { decodeStanding, encodeStanding } from './standing-bytes.ts';
import { DEFAULT_STANDING_SETTINGS, type StandingSettings } from './standing-settings.ts';

/** Ordinary acts are no evidence, however many: one in forty has this score, which is a few a week. */
const LEAST_SCORE = 40;
/** The higher, the less two pieces count more than the stronger one alone. */
const NORM = 6;
const DIGITS = 1e6;
const DAY_MS = 86_400_000;
const RANK: Readonly<Record<RiskLevel, number>> = { low: 0, medium: 1, high: 2 };
const BY_RANK: readonly RiskLevel[] = ['low', 'medium', 'high'];

export class Standing {
  readonly evidence: Evidence[] = [];
  /** What the level was when evidence last changed. */
  heldLevel: RiskLevel = 'low';
  /** Evidence from then and before was cleared. */
  clearedMs = 0;

  /** @throws RiskError `bad_standing`: not bytes that `encode` made. */
  static decode(bytes: Uint8Array): Standing {
    return decodeStanding(bytes, new Standing());
  }

  encode(): Uint8Array {
    return encodeStanding(this);
  }

  /** 0 to 100. Without a new event it never rises. */
  score(nowMs: number, settings: StandingSettings = DEFAULT_STANDING_SETTINGS): number {
    return scoreOf(this.evidence, nowMs, settings);
  }

  level(nowMs: number, settings: StandingSettings = DEFAULT_STANDING_SETTINGS): RiskLevel {
    return levelOf(this.score(nowMs, settings), this.heldLevel, settings);
  }

  /**
   * Folds one assessment. The order of several does not matter while there are at most 16.
   * @param assessment `daily`: only the oddest of a day counts. For machines: what is odd of one is odd of
   *   every token it asks for, and with shorter tokens it asks oftener.
   */
  note(
    assessment: { id: string; timeMs: number; score: number; daily?: boolean },
    settings: StandingSettings = DEFAULT_STANDING_SETTINGS,
  ): void {
    const score = Math.min(assessment.score, 100);
    if (!(score >= LEAST_SCORE) || !(assessment.timeMs > this.clearedMs)) return;
    const id = hashId(assessment.id);
    const there = this.evidence.find((piece) => piece.id === id);
    this.#hold(assessment.timeMs, settings, () => {
      if (there) there.score = Math.max(there.score, score);
      else if (assessment.daily === true && this.#isOutdone(assessment.timeMs, score)) return;
      else this.#add({ id, timeMs: assessment.timeMs, score, compromised: false }, settings);
    });
  }

  /** People say that it was an attacker: high until cleared. */
  confirmCompromised(
    assessmentId: string,
    timeMs: number,
    settings: StandingSettings = DEFAULT_STANDING_SETTINGS,
  ): void {
    if (!Number.isFinite(timeMs)) return;
    const id = hashId(assessmentId);
    const there = this.evidence.find((piece) => piece.id === id);
    this.#hold(timeMs, settings, () => {
      if (there) there.compromised = true;
      else this.#add({ id, timeMs, score: 100, compromised: true }, settings);
    });
  }

  /** People say that it was the subject, or that it does not matter: this one act counts no more. */
  takeBack(assessmentId: string): void {
    const id = hashId(assessmentId);
    const at = this.evidence.findIndex((piece) => piece.id === id);
    if (at < 0) return;
    this.evidence.splice(at, 1);
    this.heldLevel = 'low';
  }

  /** What people said of acts from before then, which nobody can name any more to take it back. */
  takeBackUnnamed(beforeMs: number): void {
    const left = this.evidence.filter((piece) => !piece.compromised || piece.timeMs >= beforeMs);
    if (left.length === this.evidence.length) return;
    this.evidence.splice(0, this.evidence.length, ...left);
    this.heldLevel = 'low';
  }

  /** What was at risk is made good: credentials are new, sessions ended. Later evidence stays. */
  clear(timeMs: number): void {
    if (!(timeMs > this.clearedMs)) return;
    this.clearedMs = timeMs;
    const later = this.evidence.filter((piece) => piece.timeMs > timeMs);
    this.evidence.splice(0, this.evidence.length, ...later);
    this.heldLevel = 'low';
  }

  /** Whether another of the same day counts more; what counts less makes room. */
  #isOutdone(timeMs: number, score: number): boolean {
    const day = (piece: Evidence) => Math.floor(piece.timeMs / DAY_MS);
    const today = Math.floor(timeMs / DAY_MS);
    const at = this.evidence.findIndex((piece) => !piece.compromised && day(piece) === today);
    const there = this.evidence[at];
    if (there === undefined) return false;
    if (there.score >= score) return true;
    this.evidence.splice(at, 1);
    return false;
  }

  /** Changes the evidence, and what level is held with it. */
  #hold(timeMs: number, settings: StandingSettings, change: () => void): void {
    const nowMs = Math.max(timeMs, ...this.evidence.map((piece) => piece.timeMs));
    // What was left meanwhile is not held any more.
    this.heldLevel = this.level(nowMs, settings);
    change();
    const held = heldBy(this.evidence, settings);
    if (RANK[held] > RANK[this.heldLevel]) this.heldLevel = held;
    this.heldLevel = this.level(nowMs, settings);
  }

  #add(piece: Evidence, settings: StandingSettings): void {
    this.evidence.push(piece);
    if (this.evidence.length > MAX_EVIDENCE) this.#putTogether(settings);
    this.evidence.sort((a, b) => a.timeMs - b.timeMs || a.id - b.id);
  }

  /** The two that count least, as one: nothing that people confirmed is lost to a flood of odd acts. */
  #putTogether(settings: StandingSettings): void {
    const order = (piece: Evidence) =>
      (piece.compromised ? 1e9 : Math.log2(Math.max(piece.score, 1))) +
      piece.timeMs / settings.halfLifeMs;
    const [one, other] = this.evidence.sort((a, b) => order(a) - order(b) || a.id - b.id);
    const [early, late] = one!.timeMs <= other!.timeMs ? [one!, other!] : [other!, one!];
    const before = early.score * 2 ** ((early.timeMs - late.timeMs) / settings.halfLifeMs);
    // What people confirmed they can take back: by the later of two.
    const [confirmed] = [late, early].filter(({ compromised }) => compromised);
    this.evidence.splice(0, 2, {
      id: confirmed?.id ?? 0,
      timeMs: late.timeMs,
      score: Math.min((before ** NORM + late.score ** NORM) ** (1 / NORM), 100),
      compromised: confirmed !== undefined,
    });
  }
}

function scoreOf(evidence: readonly Evidence[], nowMs: number, settings: StandingSettings): number {
  let sum = 0;
  for (const piece of evidence) {
    if (piece.compromised) return 100;
    const age = Math.max(nowMs - piece.timeMs, 0);
    if (age < settings.endsAfterMs) {
      sum += (piece.score * 2 ** (-age / settings.halfLifeMs)) ** NORM;
    }
  }
  // A root of a power is not quite what it was: 50 must be 50.
  const score = Math.min(Math.round(sum ** (1 / NORM) * DIGITS) / DIGITS, 100);
  return score < 1 ? 0 : score;
}

function levelOf(score: number, held: RiskLevel, settings: StandingSettings): RiskLevel {
  const { mediumFrom, highFrom, hold } = settings;
  const reached = Number(score >= mediumFrom) + Number(score >= highFrom);
  const kept = Number(score >= mediumFrom - hold) + Number(score >= highFrom - hold);
  return BY_RANK[Math.max(reached, Math.min(RANK[held], kept))]!;
}

/**
 * What is held at the newest piece, as if each had been heard of at its time: a level that the pieces before
 * had left by then is not held.
 */
function heldBy(evidence: readonly Evidence[], settings: StandingSettings): RiskLevel {
  let held: RiskLevel = 'low';
  for (const [at, { timeMs }] of evidence.entries()) {
    held = levelOf(scoreOf(evidence.slice(0, at), timeMs, settings), held, settings);
    held = levelOf(scoreOf(evidence.slice(0, at + 1), timeMs, settings), held, settings);
  }
  return held;
}

/** 52 bits, never 0. Ids are ours: what matters is that two are hardly ever taken for one. */
function hashId(id: string): number {
  let [low, high] = [0x811c9dc5, 0x9e3779b1];
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (high >>> 13);
  }
  return (high & 0xfffff) * 2 ** 32 + (low >>> 0) || 1;
}
