// One writer at a time, without a kernel lock: Node has none but SQLite's, and a confined signer
// runs without `node:sqlite`, which would write anywhere. A claim refuses while another is alive;
// and should two ever hold one, the older finds out before it releases anything (fencing).

import { readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@countersign/vocabulary';
import { custodyRefusal } from '../keys-error.ts';
import { writeDurably } from './write-durably.ts';

const OWNER_FILE = 'owner';
const HEARTBEAT_MS = 500;
/** A holder that has not moved for so long is gone, or too slow to be waited for. */
const STALE_MS = 2000;
/** Longer than a dead holder's last heartbeat stays fresh, whose pid may be another process now. */
const WAIT_MS = 3000;
const LOOK_MS = 50;

/** Epoch, pid (0 once released) and a random token. */
const OWNER = /^(\d{1,15}) (\d{1,10}) ([A-Za-z0-9_-]{1,22})\n$/;

/** Claims of this process: its own pid says nothing about them. */
const ours = new Set<string>();

export class FolderClaim {
  /** Larger than that of every earlier claim of this folder. */
  readonly epoch: number;
  readonly #path: string;
  readonly #text: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, epoch: number) {
    this.epoch = epoch;
    this.#path = path;
    this.#text = `${epoch} ${process.pid} ${newId()}\n`;
    writeDurably(path, Buffer.from(this.#text));
    ours.add(this.#text);
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  }

  /**
   * Claims `folder`, waiting at most `waitMs` for a holder to leave. Blocks: nothing else can be
   * done before.
   * @throws CodedError `folder_locked`
   */
  static take(folder: string, waitMs = WAIT_MS): FolderClaim {
    const path = join(folder, OWNER_FILE);
    const deadlineMs = performance.now() + waitMs;
    while (isHeld(path)) {
      if (performance.now() >= deadlineMs) {
        throw custodyRefusal(
          'folder_locked',
          'Another signer is using this key folder. Stop it first; two signers would number twice.',
        );
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
    }
    return new FolderClaim(path, (readOwner(path)?.epoch ?? 0) + 1);
  }

  /** False when another signer has claimed the folder since: what was written may be lost. */
  holds(): boolean {
    return readOwner(this.#path)?.text === this.#text;
  }

  release(): void {
    clearInterval(this.#heartbeat);
    ours.delete(this.#text);
    if (this.holds()) writeDurably(this.#path, Buffer.from(`${this.epoch} 0 -\n`));
  }

  #beat(): void {
    if (!this.holds()) return;
    const now = new Date();
    utimesSync(this.#path, now, now);
  }
}

function isHeld(path: string): boolean {
  const owner = readOwner(path);
  if (owner === undefined || owner.pid === 0) return false;
  if (ours.has(owner.text)) return true;
  if (owner.pid === process.pid || !isAlive(owner.pid)) return false;
  const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  // A heartbeat from the future is one from before the clock was set back.
  return Math.abs(ageMs) < STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be asked, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

interface Owner {
  text: string;
  epoch: number;
  pid: number;
}

function readOwner(path: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const match = OWNER.exec(text);
  if (match === null) {
    throw custodyRefusal(
      'custody_corrupt',
      `The file ${OWNER_FILE} cannot be read. Remove it when no signer uses the folder.`,
    );
  }
  return { text, epoch: Number(match[1]), pid: Number(match[2]) };
}
