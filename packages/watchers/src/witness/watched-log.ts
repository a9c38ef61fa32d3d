// One log as a witness knows it: its keys, and the latest checkpoint that was cosigned, which moves
// only forward. Check, store and answer are one turn a log, so that a smaller checkpoint that was
// checked earlier cannot be stored later (C2SP tlog-witness, the race at its end).

import {
  type Checkpoint,
  EMPTY_ROOT,
  equalBytes,
  FormatError,
  formatNote,
  type NoteKey,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  type SignedNote,
  verifyConsistency,
  verifyNote,
} from '@countersign/verifier';
import { type Clock, isCodedError, toSeconds } from '@countersign/vocabulary';
import { readWhole, replaceDurably } from '../disk/durable-file.ts';
import { formatForkEvidence, verifyForkEvidence } from '../evidence/fork-evidence.ts';
import { refusal } from '../watcher-error.ts';
import type { Cosigner } from './cosigner.ts';
import type { AddCheckpoint } from './parse-request.ts';
import { asRefusal } from './refuse-when-full.ts';
import type { SigningFence } from './signing-fence.ts';
import {
  answerConflict,
  answerText,
  type WitnessAnswer,
  WitnessRefusal,
} from './witness-answer.ts';

export interface WatchedLogOptions {
  origin: string;
  /** Any of them may have signed a checkpoint. */
  keys: readonly NoteKey[];
  /** Where the latest cosigned checkpoint is kept. */
  path: string;
  cosigner: Cosigner;
  clock: Clock;
  /** One for all logs of a witness. */
  fence: SigningFence;
  /** Told when the log has signed another root of a size that was cosigned: text of the evidence. */
  onFork: (evidence: string) => Promise<void>;
}

/** What was cosigned last. */
interface Held {
  checkpoint: Checkpoint;
  timeSeconds: number;
  /** As it was signed by the log and by us. */
  note: string;
  /** Text of the checkpoint, and what was answered; undefined when that was before the last start. */
  answered?: { text: string; lines: string };
}

/** What the file holds before anything was cosigned, so that a lost file can be told from none. */
export const NOTHING_YET = 'nothing cosigned yet\n';
/** A clock that steps back by less does not matter: the later second is said again. */
const CLOCK_SLACK_SECONDS = 10;

export class WatchedLog {
  readonly #options: WatchedLogOptions;
  #held: Held | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: WatchedLogOptions, held: Held | undefined) {
    this.#options = options;
    this.#held = held;
  }

  /** @throws CodedError `state_missing`, `state_corrupt` */
  static async open(options: WatchedLogOptions): Promise<WatchedLog> {
    return new WatchedLog(options, await readHeld(options));
  }

  get origin(): string {
    return this.#options.origin;
  }

  /** Leaves of the latest cosigned checkpoint, 0 when there is none. */
  get size(): number {
    return this.#held?.checkpoint.size ?? 0;
  }

  /** The latest cosigned checkpoint as a note; undefined when there is none. */
  get latest(): string | undefined {
    return this.#held?.note;
  }

  /** @throws WitnessRefusal */
  async add(request: AddCheckpoint): Promise<WitnessAnswer> {
    await this.#checkSignature(request);
    const turn = this.#turn.then(() => this.#takeTurn(request));
    // Whoever takes a turn hears how it went; the next one waits for its end alone.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when no update is under way. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /** Shuts the fence before the next turn can begin. */
  async #takeTurn(request: AddCheckpoint): Promise<WitnessAnswer> {
    const { fence } = this.#options;
    fence.check();
    try {
      return await this.#decide(request);
    } catch (error) {
      throw fence.fail(error);
    }
  }

  async #checkSignature({ note }: AddCheckpoint): Promise<void> {
    try {
      await verifyNote(note, this.#options.keys);
    } catch (cause) {
      if (!(cause instanceof FormatError)) throw cause;
      const code = cause.code === 'note_unsigned' ? 'signature_missing' : 'signature_invalid';
      throw new WitnessRefusal(code, cause.message, cause);
    }
  }

  async #decide({ oldSize, proof, checkpoint, note }: AddCheckpoint): Promise<WitnessAnswer> {
    if (oldSize > checkpoint.size) {
      throw new WitnessRefusal('old_size_too_large', 'The old size is above the checkpoint’s.');
    }
    if (oldSize !== this.size) return answerConflict(this.size);
    await this.#checkTwin(checkpoint, note);
    this.#checkGrowth(oldSize, checkpoint, proof);
    const { cosigner, path } = this.#options;
    const timeSeconds = this.#time();
    const said = this.#held?.timeSeconds === timeSeconds ? this.#held.answered : undefined;
    // Anybody may send what the log shows: that must not keep disk and keys from the log itself.
    if (said?.text === note.text) return answerText(said.lines);
    const signatures = cosigner.sign(note.text, checkpoint, timeSeconds);
    const ofLog = note.signatures.filter((signature) => this.#isOfLog(signature));
    const whole = formatNote({ text: note.text, signatures: [...ofLog, ...signatures] });
    await replaceDurably(path, Buffer.from(whole)).catch(asRefusal);
    const lines = formatNote({ text: note.text, signatures }).slice(note.text.length + 1);
    this.#held = { checkpoint, timeSeconds, note: whole, answered: { text: note.text, lines } };
    return answerText(lines);
  }

  /** Two roots for one size, both signed by the log: refused, and kept as proof against it. */
  async #checkTwin({ size, root }: Checkpoint, note: SignedNote): Promise<void> {
    const held = this.#held;
    if (held === undefined || held.checkpoint.size !== size) return;
    if (equalBytes(held.checkpoint.root, root)) return;
    const { keys, onFork } = this.#options;
    const notes = { first: held.note, second: formatNote(note) };
    for (const key of keys) {
      const evidence = formatForkEvidence(key, notes);
      // A log may have several keys: one of them has signed both, unless they were changed since.
      if (await provesFork(evidence)) {
        await onFork(evidence);
        break;
      }
    }
    throw new WitnessRefusal('root_differs', 'Another root of this size was cosigned before.');
  }

  #checkGrowth(oldSize: number, { size, root }: Checkpoint, proof: readonly Uint8Array[]): void {
    if (size === 0 && !equalBytes(root, EMPTY_ROOT)) {
      throw new WitnessRefusal('root_not_empty', 'The empty tree has another root.');
    }
    const held = this.#held?.checkpoint;
    // Every tree extends the empty one, by the empty proof.
    const consistent =
      oldSize === 0
        ? proof.length === 0
        : verifyConsistency(oldSize, size, proof, held?.root ?? EMPTY_ROOT, root);
    if (!consistent) {
      throw new WitnessRefusal('proof_invalid', 'The proof does not lead from the old to the new.');
    }
  }

  /** The second to state: never before one that was stated. */
  #time(): number {
    const now = toSeconds(this.#options.clock.nowMs());
    const last = this.#held?.timeSeconds ?? 0;
    if (now < last - CLOCK_SLACK_SECONDS) {
      throw new WitnessRefusal('clock_behind', 'The clock of this witness is behind its own word.');
    }
    return Math.max(now, last);
  }

  #isOfLog({ name, id }: NoteSignature): boolean {
    return this.#options.keys.some((key) => key.name === name && equalBytes(key.id, id));
  }
}

async function provesFork(evidence: string): Promise<boolean> {
  try {
    await verifyForkEvidence(evidence);
    return true;
  } catch (error) {
    if (isCodedError(error)) return false;
    throw error;
  }
}

async function readHeld({ path, cosigner, origin }: WatchedLogOptions): Promise<Held | undefined> {
  const note = readWhole(path)?.toString('utf8');
  if (note === undefined) {
    throw refusal(
      'state_missing',
      `What was cosigned of ${origin} is missing (${path}). Restore it, or retire this witness: a new one needs a new name.`,
    );
  }
  if (note === NOTHING_YET) return undefined;
  try {
    const { ed25519, mldsa44 } = cosigner.keys;
    const { text, verified } = await verifyNote(parseNote(note), [ed25519, mldsa44]);
    const checkpoint = parseCheckpoint(text);
    const times = verified.map(({ timeSeconds }) => timeSeconds ?? 0);
    if (checkpoint.origin === origin && verified.length === 2) {
      return { checkpoint, timeSeconds: Math.max(...times), note };
    }
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw refusal('state_corrupt', `${path} is damaged; restore it.`, { cause });
  }
  throw refusal('state_corrupt', `${path} is not what this witness cosigned of ${origin}.`);
}
