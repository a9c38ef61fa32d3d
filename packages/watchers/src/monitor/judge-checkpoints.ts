// Every checkpoint that a log signed, wherever it was shown, must be of one history. Those that can
// be judged are; those that are ahead of what the log shows wait, so that they are not forgotten.

import { equalBytes, type NoteKey, parseCheckpoint, parseNote } from '@countersign/verifier';
import type { ForkEvidence } from '../evidence/fork-evidence.ts';
import type { LogReader } from '../reader/log-reader.ts';
import { findFork, type SignedNoteOfTree } from './hold-together.ts';
import { alarmOf, type MonitorAlarm } from './monitor-alarm.ts';
import type { MonitorState, PendingNote } from './monitor-state.ts';

export interface Judgement {
  state: MonitorState;
  alarms: MonitorAlarm[];
  fork: ForkEvidence | undefined;
}

export interface JudgeOptions {
  reader: LogReader;
  key: NoteKey;
  nowMs: number;
  graceMs: number;
}

const MAX_PENDING = 16;

/** A note whose signature was verified when it was taken in. */
export function treeOfNote(note: string): SignedNoteOfTree {
  const { size, root } = parseCheckpoint(parseNote(note).text);
  return { size, root, note };
}

/** Takes in what the log itself shows now. The state's `known` moves only to what is consistent. */
export async function judgeLatest(
  state: MonitorState,
  latest: SignedNoteOfTree,
  { reader, nowMs }: JudgeOptions,
): Promise<Judgement> {
  const twin = findTwin(state, latest);
  if (twin !== undefined) return { state, alarms: [], fork: twin };
  const known = state.known === undefined ? undefined : treeOfNote(state.known);
  // The tree, not the note: anybody may add signature lines to that.
  const changedMs = known?.size === latest.size ? state.changedMs : nowMs;
  const moved = { ...state, known: latest.note, changedMs };
  if (known === undefined || known.size === latest.size) {
    return { state: moved, alarms: [], fork: undefined };
  }
  const judged = await tryFindFork(reader, known, latest);
  if (judged.fork !== undefined) return { state, ...judged };
  if (latest.size < known.size) {
    const message = 'The log shows a smaller checkpoint than it showed before.';
    const facts = { size: latest.size, before: known.size };
    const alarms: MonitorAlarm[] = [{ code: 'log_rolled_back', message, facts }, ...judged.alarms];
    return { state: remember(state, latest, nowMs), alarms, fork: undefined };
  }
  if (judged.alarms.length > 0) return { state: remember(state, latest, nowMs), ...judged };
  return { state: moved, ...judged };
}

/** Takes in what somebody else was shown; judged by `judgePending`. */
export function judgeView(
  state: MonitorState,
  seen: SignedNoteOfTree,
  { nowMs }: JudgeOptions,
): Judgement {
  const fork = findTwin(state, seen);
  return { state: fork === undefined ? remember(state, seen, nowMs) : state, alarms: [], fork };
}

/** Judges what waits and can be judged by now; what waits too long is an alarm. */
export async function judgePending(
  state: MonitorState,
  { reader, nowMs, graceMs }: JudgeOptions,
): Promise<Judgement> {
  const alarms: MonitorAlarm[] = [];
  const pending: PendingNote[] = [];
  const known = state.known === undefined ? undefined : treeOfNote(state.known);
  for (const waits of state.pending) {
    const tree = treeOfNote(waits.note);
    if (known !== undefined && tree.size <= known.size) {
      const judged = await tryFindFork(reader, tree, known);
      if (judged.fork !== undefined) return { state, ...judged };
      if (judged.alarms.length > 0) pending.push(waits);
      alarms.push(...judged.alarms);
      continue;
    }
    pending.push(waits);
    if (nowMs - waits.sinceMs < graceMs) continue;
    alarms.push({
      code: 'log_behind',
      message: 'The log signed a larger checkpoint than it shows here or lets us verify.',
      facts: { size: tree.size, shown: known?.size ?? 0, waitingMs: nowMs - waits.sinceMs },
    });
  }
  return { state: { ...state, pending }, alarms, fork: undefined };
}

/** Two roots for one size need no tiles to be a fork. */
function findTwin(state: MonitorState, seen: SignedNoteOfTree): ForkEvidence | undefined {
  const notes = [state.known ?? [], state.pending.map(({ note }) => note)].flat();
  const other = notes
    .map(treeOfNote)
    .find(({ size, root }) => size === seen.size && !equalBytes(root, seen.root));
  return other && { first: other.note, second: seen.note };
}

function remember(state: MonitorState, { size, note }: SignedNoteOfTree, nowMs: number) {
  const sizes = [state.known ?? [], state.pending.map((waits) => waits.note)].flat();
  if (sizes.some((other) => treeOfNote(other).size === size)) return state;
  const pending = [...state.pending.slice(0, MAX_PENDING - 1), { note, sinceMs: nowMs }];
  return { ...state, pending };
}

async function tryFindFork(
  reader: LogReader,
  one: SignedNoteOfTree,
  other: SignedNoteOfTree,
): Promise<Omit<Judgement, 'state'>> {
  try {
    return { alarms: [], fork: await findFork(reader, one, other) };
  } catch (error) {
    const alarm = alarmOf(error);
    if (alarm === undefined) throw error;
    return { alarms: [alarm], fork: undefined };
  }
}
