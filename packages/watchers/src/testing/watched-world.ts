// A small world for simulations: one log that may begin to lie, two witnesses that it asks, and two
// monitors that follow it and look at the witnesses. All of it from one seed.

import {
  formatNote,
  type NoteSignature,
  parseNote,
  parseTlogPolicy,
  type TlogPolicy,
  utf8,
} from '@countersign/verifier';
import { ManualClock, seededRandom } from '@countersign/vocabulary';
import type { CheckpointView, Monitor, MonitorReport } from '../monitor/monitor-report.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { createLogReader } from '../reader/log-reader.ts';
import { hashOrigin } from '../witness/hash-origin.ts';
import { openWitness, type Witness } from '../witness/open-witness.ts';
import { TinyLog } from './tiny-log.ts';
import { MEMORY_FOLDER, post, requestBody, TestFolder, textOf } from './witness-folder.ts';

export type Side = 0 | 1;
export const SIDES: readonly Side[] = [0, 1];

/** Changes what the log answers to one side; undefined is 404. */
export type Lie = (
  path: string,
  honest: Uint8Array<ArrayBuffer> | undefined,
  side: Side,
) => Uint8Array<ArrayBuffer> | undefined;

export class WatchedWorld {
  readonly clock = new ManualClock();
  /** What each side is shown: the same object for an honest log. */
  readonly shown: [TinyLog, TinyLog];
  readonly witnesses: Witness[] = [];
  readonly monitors: Monitor[] = [];
  lie: Lie = (_path, honest) => honest;
  /** Of a thousand requests of the monitors, how many fail on the way. */
  faultsPerMille = 0;
  /** All that was ever cosigned. */
  readonly cosigned: { side: Side; size: number; root: Uint8Array }[] = [];
  /** The history that everybody was shown at first. */
  readonly original: TinyLog;
  /** False once the log stops asking for cosignatures. */
  asksWitnesses = true;
  readonly #random: (below: number) => number;
  readonly #folders = Array.from({ length: 4 }, () => new TestFolder(MEMORY_FOLDER));
  readonly #cosignatures = new Map<string, NoteSignature[]>();
  #policy: TlogPolicy | undefined;

  private constructor(seed: number) {
    const random = seededRandom(seed);
    this.#random = (below) => {
      const [a = 0, b = 0, c = 0] = random.bytes(3);
      return (a * 65_536 + b * 256 + c) % below;
    };
    const log = this.#withCosignatures(new TinyLog());
    this.shown = [log, log];
    this.original = log;
  }

  static async create(seed: number): Promise<WatchedWorld> {
    const world = new WatchedWorld(seed);
    for (const side of SIDES) await world.startWitness(side);
    const lines = world.witnesses.map(({ keys }, at) => `witness w${at} ${keys.ed25519}\n`);
    world.#policy = parseTlogPolicy(`${lines.join('')}group some any w0 w1\nquorum some\n`);
    for (const side of SIDES) await world.startMonitor(side);
    return world;
  }

  /** A number from 0, below the one given. */
  draw(below: number): number {
    return this.#random(below);
  }

  /** Another history with the same beginning, for one side or both. */
  forkAt(size: number): TinyLog {
    return this.#withCosignatures(this.shown[0].fork(size));
  }

  async startWitness(side: Side): Promise<void> {
    await this.witnesses[side]?.close();
    this.witnesses[side] = await openWitness({
      folder: this.#folder(side),
      logs: [this.shown[0].key],
      make: { name: `w${side}.example` },
      clock: this.clock,
    });
  }

  async startMonitor(side: Side): Promise<void> {
    await this.monitors[side]?.close();
    const reader = createLogReader({
      url: this.shown[0].url,
      fetch: async (url) => {
        if (this.draw(1000) < this.faultsPerMille) throw new Error('lost on the way');
        const path = url.slice(this.shown[0].url.length + 1);
        const body = this.lie(path, this.shown[side].serve(path), side);
        return body === undefined ? new Response('', { status: 404 }) : new Response(body);
      },
    });
    this.monitors[side] = await openMonitor({
      folder: this.#folder(side + 2),
      key: this.shown[0].key,
      reader,
      clock: this.clock,
      views: SIDES.map((each) => this.#view(each)),
      graceMs: 30_000,
      partialPatienceMs: 40_000,
      ...(this.#policy === undefined ? {} : { policy: this.#policy }),
    });
  }

  /** Time passes, entries come, the log asks its witnesses: each for the history it is shown. */
  async step(): Promise<void> {
    this.clock.advanceMs(1_000 + this.draw(15_000));
    const count = this.draw(8) === 0 ? this.draw(1500) : this.draw(60);
    for (const log of new Set(this.shown)) {
      log.grow(count + (log === this.shown[0] ? 0 : this.draw(40)), `salt ${this.draw(1e6)}`);
    }
    for (const side of this.asksWitnesses ? SIDES : []) await this.#ask(side);
  }

  look(side: Side): Promise<MonitorReport> {
    return this.monitors[side]?.round() ?? Promise.reject(new Error('no monitor'));
  }

  async end(): Promise<void> {
    for (const monitor of this.monitors) await monitor.close();
    for (const witness of this.witnesses) await witness.close();
    for (const folder of this.#folders) folder.delete();
  }

  folderOfMonitor(side: Side): string {
    return this.#folder(side + 2);
  }

  #folder(at: number): string {
    return this.#folders[at]?.path ?? '';
  }

  async #ask(side: Side): Promise<void> {
    const [witness, log] = [this.witnesses[side], this.shown[side]];
    const held = witness?.logs[0]?.size ?? 0;
    if (witness === undefined || held > log.size) return;
    const answer = await post(witness, requestBody(log, held, log.size));
    if (answer.status !== 200) return;
    this.cosigned.push({ side, size: log.size, root: log.root() });
    const text = log.text();
    const { signatures } = parseNote(`${text}\n${textOf(answer)}`);
    this.#cosignatures.set(`${side} ${text}`, [...signatures]);
  }

  #withCosignatures(log: TinyLog): TinyLog {
    log.cosign = (text) => SIDES.flatMap((side) => this.#cosignatures.get(`${side} ${text}`) ?? []);
    return log;
  }

  #view(side: Side): CheckpointView {
    return {
      name: `w${side}`,
      fetch: async () => this.witnesses[side]?.latest(hashOrigin(this.shown[0].origin)),
    };
  }
}

/** A checkpoint by somebody who does not have the log's key. */
export function forgeCheckpoint(log: TinyLog): Uint8Array<ArrayBuffer> {
  const { text } = parseNote(log.checkpoint());
  const { signatures } = parseNote(new TinyLog(log.origin).signed(text));
  return utf8(formatNote({ text, signatures }));
}
