// How often a machine comes in an hour, and how often it ever did. An hour that was a spike counts as no
// more than what would not have been one: so neither a thief nor a mistake makes a thousand usual at once,
// and a machine that really does more is named for a few hours, not for ever.

import { HOUR_MS } from './detector.ts';
import { SUBJECT } from './detector-memory.ts';

const MEAN_HOURS = 168;
/** The most of an hour fades by half in 30 days: a job of each month is still known. */
const FADES_AN_HOUR = 0.5 ** (1 / (30 * 24));
/** So few an hour are never a spike: two a minute. */
const FEWEST_IN_SPIKE = 120;
/** Times the most there ever was, times the mean, and standard deviations of a Poisson count beyond it. */
const TIMES_MOST = 3;
const TIMES_MEAN = 10;
const DEVIATIONS = 5;
/** Whoever is at risk gets tokens of two minutes in the place of an hour, and has to come as much oftener. */
const OFTENER_AT_RISK = 30;
const AT_RISK_MS = 7 * 24 * HOUR_MS;

/** Counts one act. A clock that was set back begins a new hour. */
export function countHour(row: Float64Array, timeMs: number): void {
  const hour = Math.floor(timeMs / HOUR_MS);
  const before = row[SUBJECT.hour] ?? 0;
  if (before !== 0 && hour > before) {
    foldHour(row, Math.min(row[SUBJECT.hourActs] ?? 0, mostUsual(row, timeMs)));
    // The silent hours after it count, as far as the mean reaches back.
    const silent = Math.min(hour - before - 1, MEAN_HOURS);
    for (let turn = 0; turn < silent; turn++) foldHour(row, 0);
    row[SUBJECT.hourlyMost] = (row[SUBJECT.hourlyMost] ?? 0) * FADES_AN_HOUR ** (hour - before);
  }
  // An act that is told late belongs to an hour that is over; an hour far ahead was a wrong clock.
  if (hour > before || hour < before - MEAN_HOURS) {
    row[SUBJECT.hour] = hour;
    row[SUBJECT.hourActs] = 0;
  }
  row[SUBJECT.hourActs] = (row[SUBJECT.hourActs] ?? 0) + 1;
}

/** Acts of the hour that runs, with one more. */
export function actsThisHour(row: Float64Array, timeMs: number): number {
  const runs = Math.floor(timeMs / HOUR_MS) === row[SUBJECT.hour];
  return (runs ? (row[SUBJECT.hourActs] ?? 0) : 0) + 1;
}

/** The most acts an hour may have before it is a spike. */
export function mostUsual(row: Float64Array, timeMs: number): number {
  const mean = row[SUBJECT.hourlyMean] ?? 0;
  const risky = row[SUBJECT.riskyMs] ?? 0;
  const isAtRisk = risky !== 0 && timeMs - risky <= AT_RISK_MS;
  const usual = Math.max(
    mean * TIMES_MEAN,
    mean + DEVIATIONS * Math.sqrt(mean),
    (row[SUBJECT.hourlyMost] ?? 0) * TIMES_MOST,
  );
  return Math.max(FEWEST_IN_SPIKE, usual * (isAtRisk ? OFTENER_AT_RISK : 1));
}

function foldHour(row: Float64Array, acts: number): void {
  const hours = Math.min((row[SUBJECT.hours] ?? 0) + 1, MEAN_HOURS);
  const mean = row[SUBJECT.hourlyMean] ?? 0;
  row[SUBJECT.hours] = hours;
  row[SUBJECT.hourlyMean] = mean + (acts - mean) / hours;
  row[SUBJECT.hourlyMost] = Math.max(row[SUBJECT.hourlyMost] ?? 0, acts);
}
