// The columns of the infrastructure head: how far the traffic around an act is above what is usual, as a
// natural logarithm, and what its address is known for. All of them make an act odder, none less odd.

import type { ReasonGroup } from '../assess/assessment.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { secondsOf } from '../profile/decay.ts';
import { type InfrastructureCounters, SCOPE_COLUMNS, SCOPES } from './infrastructure-counters.ts';
import { type TrafficCount, type TrafficEntry, USUAL, WINDOWS } from './traffic-entry.ts';

/** The last six stand in this order in the input's flags. */
const FLAGS = ['hosting', 'vpn', 'tor', 'relay', 'bot', 'implausible'] as const;

export const TRAFFIC_FEATURES = [
  ...['ip_failures', 'ip_unknown', 'ip_users', 'ip_rate'],
  ...['net_failures', 'net_unknown', 'net_users', 'net_rate'],
  ...['asn_failures', 'asn_unknown'],
  'no_address',
  ...FLAGS,
] as const;

/** What each column is about, for the reasons. */
export const TRAFFIC_GROUPS: readonly ReasonGroup[] = TRAFFIC_FEATURES.map((name, index) => {
  if (name === 'no_address') return 'ip';
  return index < TRAFFIC_FEATURES.length - FLAGS.length ? 'traffic' : 'anonymity';
});

/** What nobody need be surprised at in 5 minutes, an hour and a day, by scope: address, /24, system. */
const FREE = {
  attempts: [
    [8, 20, 60],
    [16, 40, 150],
  ],
  failures: [
    [3, 5, 10],
    [6, 10, 25],
    [20, 40, 150],
  ],
  unknown: [
    [1, 2, 4],
    [2, 4, 10],
    [10, 20, 60],
  ],
  users: [
    [2, 4, 8],
    [4, 10, 30],
  ],
} as const;
/** How much more than an even spread of the usual is still usual in a window: people come in the morning. */
const BURST = [12, 8, 3] as const;
/** More different users than usual, before it counts. */
const SPREAD = 1.25;
/**
 * Failures that go with so many successes. Of what succeeded, and no share of the realm's own: one more
 * failure anywhere must make nothing less odd. Where more fails by habit, calibration knows it.
 */
const TOLERATED = 0.15;
const DAY = 86_400;

const now: TrafficCount = { attempts: 0, failures: 0, unknown: 0, users: 0 };
const usual: TrafficCount = { attempts: 0, failures: 0, unknown: 0, users: 0 };

/** Writes the row into `out`, which is as long as TRAFFIC_FEATURES. Allocates nothing. */
export function writeTrafficRow(
  input: RiskInput,
  counters: InfrastructureCounters,
  out: Float64Array,
): void {
  const second = secondsOf(input.timeMs);
  out.fill(0);
  const person = input.subjectKind === 'person';
  let at = 0;
  for (let scope = 0; scope < SCOPES.length; scope++) {
    const entry = counters.entry(scope, input.values);
    if (entry !== undefined) {
      entry.read(USUAL, second, usual, false);
      usual.users = -1;
      for (let window = 0; window < USUAL; window++) {
        entry.read(window, second, now, false);
        writeFailures(scope, window, out, at);
        if (person) writeCrowd(entry, scope, window, second, out, at);
      }
    }
    at += scope < 2 ? 4 : 2;
  }
  out[at++] = Number(input.values[SCOPE_COLUMNS[0]!] === 0);
  for (const flag of FLAGS) {
    // That a program asks in its own name is no mask.
    out[at++] = Number(input.flags[flag] && (person || flag !== 'bot'));
  }
}

function writeFailures(scope: number, window: number, out: Float64Array, at: number): void {
  const tolerated = TOLERATED * Math.max(now.attempts - now.failures, 0);
  raise(out, at, now.failures, FREE.failures[scope]![window]! + tolerated);
  raise(out, at + 1, now.unknown, FREE.unknown[scope]![window]! + tolerated / 2);
}

/** How often people come, and how many. A machine is held against its own hours: `sign_in_spike`. */
function writeCrowd(
  entry: TrafficEntry,
  scope: number,
  window: number,
  second: number,
  out: Float64Array,
  at: number,
): void {
  const [users, attempts] = [FREE.users[scope]?.[window], FREE.attempts[scope]?.[window]];
  if (users === undefined || attempts === undefined) return;
  const even = (usual.attempts * WINDOWS[window]!) / (30 * DAY);
  raise(out, at + 3, now.attempts, attempts + BURST[window]! * even);
  // Counting different users costs most, and there are never more of them than attempts.
  if (now.attempts <= users) return;
  entry.read(window, second, now);
  if (now.users <= users) return;
  if (usual.users < 0) entry.read(USUAL, second, usual);
  raise(out, at + 2, now.users, users + SPREAD * usual.users);
}

function raise(out: Float64Array, at: number, value: number, expected: number): void {
  if (value > expected) out[at] = Math.max(out[at]!, Math.log(value / expected));
}
