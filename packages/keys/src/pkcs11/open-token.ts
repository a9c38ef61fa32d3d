// One token, logged in, from its initialisation to its loss. A call that fails for any reason but ours
// ends it: whoever holds it opens another. Many sessions, because a session signs one thing at a time.

import type { Handle, PKCS11 } from 'pkcs11js';
import { custodyRefusal } from '../keys-error.ts';
import {
  CKF_OS_LOCKING_OK,
  CKF_RW_SESSION,
  CKF_SERIAL_SESSION,
  CKF_USER_PIN_FINAL_TRY,
  CKF_USER_PIN_LOCKED,
  CKU_USER,
} from './constants.ts';
import { type FoundToken, findToken, type TokenSettings } from './find-token.ts';
import { REFUSED_PIN_FILE, type RefusedPin } from './refused-pin.ts';
import { refusedPin, resultName } from './token-error.ts';

/** Signatures at a time; more wait. The signer has as many threads. */
const SESSIONS = 16;
/** Signatures that wait for a session, above which no number is spent on another. */
const MOST_WAITING = 1024;
/** A signature takes milliseconds; one that takes so long will hardly come. */
const OVERDUE_MS = 5000;

export interface TokenAccess {
  cryptoki: PKCS11;
  settings: TokenSettings;
  /** The PIN, which the caller of it overwrites. */
  readPin(): Uint8Array;
  refused: RefusedPin;
  /** A signature that takes longer is not waited for with another. Default 5,000. */
  overdueMs?: number | undefined;
}

export class OpenToken {
  readonly serial: string;
  /** What it can do (CKM_…). */
  readonly mechanisms: ReadonlySet<number>;
  /** For finding keys, on the main thread. */
  readonly session: Handle;
  /** For making keys, on another. */
  readonly making: Handle;
  readonly #cryptoki: PKCS11;
  readonly #idle: Handle[];
  readonly #waiting: ((session: Handle) => void)[] = [];
  readonly #overdueMs: number;
  /** When each signature under way began, the oldest first. */
  readonly #begun = new Set<{ atMs: number }>();
  #held = 0;

  /**
   * Initialises the module and logs in, once.
   * @throws CodedError `custody_unreachable`, `pin_wrong`
   */
  constructor(access: TokenAccess) {
    const { cryptoki, settings, overdueMs = OVERDUE_MS } = access;
    this.#cryptoki = cryptoki;
    this.#overdueMs = overdueMs;
    initialise(cryptoki, settings);
    try {
      const token = findToken(cryptoki, settings);
      this.serial = token.serial;
      this.mechanisms = new Set(cryptoki.C_GetMechanismList(token.slot));
      this.session = cryptoki.C_OpenSession(token.slot, CKF_SERIAL_SESSION);
      this.making = cryptoki.C_OpenSession(token.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
      logIn(access, token, this.session);
      this.#idle = openSessions(cryptoki, token);
    } catch (error) {
      finalise(cryptoki);
      throw error;
    }
  }

  /** Calls under way, or about to be; `close` must wait until there are none. */
  get busy(): number {
    return this.#begun.size + this.#held;
  }

  /** It answers too slowly, or not at all: nothing more should be asked of it now. */
  get full(): boolean {
    const [oldest] = this.#begun;
    const isLate = oldest !== undefined && performance.now() - oldest.atMs > this.#overdueMs;
    return isLate || this.#waiting.length >= MOST_WAITING;
  }

  /** Runs `deed` with a session that is its alone for as long as that takes. */
  async borrow<T>(deed: (session: Handle) => Promise<T>): Promise<T> {
    const begun = { atMs: performance.now() };
    this.#begun.add(begun);
    const session =
      this.#idle.pop() ?? (await new Promise<Handle>((resolve) => this.#waiting.push(resolve)));
    try {
      return await deed(session);
    } finally {
      this.#begun.delete(begun);
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(session);
      else next(session);
    }
  }

  /** Runs a deed that needs no session of the many, and may take long: a key is being made. */
  async hold<T>(deed: () => Promise<T>): Promise<T> {
    this.#held += 1;
    try {
      return await deed();
    } finally {
      this.#held -= 1;
    }
  }

  /** Logs out and lets the module forget everything. */
  close(): void {
    finalise(this.#cryptoki);
  }
}

function initialise(cryptoki: PKCS11, { module }: TokenSettings): void {
  try {
    cryptoki.C_Initialize({ flags: CKF_OS_LOCKING_OK });
  } catch (cause) {
    throw custodyRefusal(
      'custody_unreachable',
      `The PKCS#11 module ${module} does not start (${resultName(cause)}). Check its own configuration: for SoftHSM the file that custody.pkcs11.softhsmConf names, and that the signer's user may read and write the tokens.`,
      { cause },
    );
  }
}

function finalise(cryptoki: PKCS11): void {
  try {
    cryptoki.C_Finalize();
  } catch {
    // It may have lost everything already; the next start says what is wrong.
  }
}

function openSessions(cryptoki: PKCS11, token: FoundToken): Handle[] {
  const allowed = token.sessionsLimit === 0 ? SESSIONS : token.sessionsLimit - 2;
  return Array.from({ length: Math.max(1, Math.min(SESSIONS, allowed)) }, () =>
    cryptoki.C_OpenSession(token.slot, CKF_SERIAL_SESSION),
  );
}

function logIn({ cryptoki, readPin, refused }: TokenAccess, token: FoundToken, session: Handle) {
  checkTries(token);
  const pin = readPin();
  try {
    if (refused.has(token.serial, pin)) throw pinWrong(token, 'refused this PIN before');
    // pkcs11js takes a string, which stays in memory until the collector runs. Made from a view: a
    // copy would lie in Node's pool of buffers, which nobody overwrites.
    const text = Buffer.from(pin.buffer, pin.byteOffset, pin.byteLength).toString('utf8');
    cryptoki.C_Login(session, CKU_USER, text);
  } catch (error) {
    if (!refusedPin(error)) throw error;
    refused.note(token.serial, pin);
    throw pinWrong(token, `refused the PIN (${resultName(error)})`);
  } finally {
    pin.fill(0);
  }
}

/** The last try is a person's: a signer that spends it on a stale PIN locks the keys away. */
function checkTries({ flags, label }: FoundToken): void {
  const locked = (flags & CKF_USER_PIN_LOCKED) !== 0;
  if (!locked && (flags & CKF_USER_PIN_FINAL_TRY) === 0) return;
  throw custodyRefusal(
    'pin_wrong',
    locked
      ? `The PIN of the token "${label}" is locked. Its security officer sets a new one.`
      : `The token "${label}" has one try left before it locks. Log in once with its own tool and the right PIN, then start again.`,
  );
}

function pinWrong({ label, serial }: FoundToken, what: string): Error {
  return custodyRefusal(
    'pin_wrong',
    `The token "${label}" (${serial}) ${what}, and is not asked again, so that it does not lock. Correct the PIN that custody.pkcs11 names; if it was right after all, remove ${REFUSED_PIN_FILE} from the signer's folder.`,
  );
}
