// Reads a tlog-policy (C2SP tlog-policy): which logs and witnesses are known, and which of the
// witnesses together make a checkpoint one that everybody can have seen. Line by line, and strictly:
// a rule that is skipped is a rule that is off.

import { equalBytes } from '../bytes/compare-bytes.ts';
import { FormatError } from '../format-error.ts';
import type { KeyPurpose } from '../note/key-id.ts';
import { type NoteKey, parseVerifierKey } from '../note/verifier-key.ts';

/** A key of the policy, and where its holder is reached, if the policy says. */
export interface KeyAndPlace {
  readonly key: NoteKey;
  /** As written; what is below it depends on who asks. */
  readonly url?: string;
}

export interface WitnessGroup {
  /** How many of the members must have witnessed the checkpoint; 1 to their number. */
  readonly threshold: number;
  /** Names of witnesses and of groups. */
  readonly members: readonly string[];
}

export interface TlogPolicy {
  readonly logs: readonly KeyAndPlace[];
  readonly witnesses: ReadonlyMap<string, KeyAndPlace>;
  /** In the order of the file: a group only names what stands before it. */
  readonly groups: ReadonlyMap<string, WitnessGroup>;
  /** Name of the witness or group that must have witnessed a checkpoint, or `none`. */
  readonly quorum: string;
}

/** Longest policy, in UTF-16 units: every line with an ML-DSA-44 key and a URL. */
export const MAX_TLOG_POLICY_LENGTH = 524_288;
/** Most logs, most witnesses and most groups; the standard asks for at least 32 of each. */
export const MAX_TLOG_POLICY_LINES = 64;

const NO_QUORUM = 'none';
// All control characters but tab and newline.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;
const LOG_KEYS: readonly KeyPurpose[] = ['ed25519', 'mldsa44'];
const WITNESS_KEYS: readonly KeyPurpose[] = ['cosignature', 'mldsa44'];

/** @throws FormatError `tlog_policy_malformed` (with the line's number), `vkey_malformed` */
export function parseTlogPolicy(text: string): TlogPolicy {
  if (text.length > MAX_TLOG_POLICY_LENGTH) throw malformed('The witness policy is too long.');
  if (CONTROL.test(text) || !text.isWellFormed()) {
    throw malformed('The witness policy holds control characters.');
  }
  // A file that was cut off could end in a weaker quorum than was written.
  if (!text.endsWith('\n')) throw malformed('The witness policy must end in a newline.');
  const draft = new PolicyDraft();
  for (const [at, line] of text.slice(0, -1).split('\n').entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    if (items[0] === undefined || items[0].startsWith('#')) continue;
    draft.read(items, at + 1);
  }
  return draft.finish();
}

class PolicyDraft {
  readonly #logs: KeyAndPlace[] = [];
  readonly #witnesses = new Map<string, KeyAndPlace>();
  readonly #groups = new Map<string, WitnessGroup>();
  readonly #members = new Set<string>();
  #quorum: string | undefined;
  #line = 0;

  read([kind = '', ...items]: string[], line: number): void {
    this.#line = line;
    if (kind === 'log') this.#readLog(items);
    else if (kind === 'witness') this.#readWitness(items);
    else if (kind === 'group') this.#readGroup(items);
    else if (kind === 'quorum') this.#readQuorum(items);
    else throw this.#wrong('begins with none of log, witness, group and quorum');
  }

  finish(): TlogPolicy {
    if (this.#quorum === undefined) throw malformed('The witness policy has no quorum line.');
    return {
      logs: this.#logs,
      witnesses: this.#witnesses,
      groups: this.#groups,
      quorum: this.#quorum,
    };
  }

  #readLog([keyText, url, ...rest]: string[]): void {
    if (keyText === undefined || rest.length > 0) throw this.#wrong('is not log VKEY [URL]');
    const place = this.#place(keyText, url, LOG_KEYS);
    if (this.#logs.some(({ key }) => equalBytes(key.publicKey, place.key.publicKey))) {
      throw this.#wrong('names a log twice');
    }
    if (this.#logs.push(place) > MAX_TLOG_POLICY_LINES) throw this.#wrong('is one log too many');
  }

  #readWitness([name, keyText, url, ...rest]: string[]): void {
    if (name === undefined || keyText === undefined || rest.length > 0) {
      throw this.#wrong('is not witness NAME VKEY [URL]');
    }
    this.#demandNew(name);
    const place = this.#place(keyText, url, WITNESS_KEYS);
    for (const { key } of this.#witnesses.values()) {
      if (equalBytes(key.publicKey, place.key.publicKey)) {
        throw this.#wrong('gives one key to two witnesses');
      }
    }
    this.#witnesses.set(name, place);
    if (this.#witnesses.size > MAX_TLOG_POLICY_LINES) throw this.#wrong('is one witness too many');
  }

  #readGroup([name, rule, ...members]: string[]): void {
    if (name === undefined || rule === undefined || members.length === 0) {
      throw this.#wrong('is not group NAME all|any|K MEMBER…');
    }
    this.#demandNew(name);
    for (const member of members) {
      if (!this.#isDefined(member)) throw this.#wrong(`names ${member} before it is defined`);
      if (this.#members.has(member)) throw this.#wrong(`makes ${member} a member twice`);
      this.#members.add(member);
    }
    this.#groups.set(name, { threshold: this.#threshold(rule, members.length), members });
    if (this.#groups.size > MAX_TLOG_POLICY_LINES) throw this.#wrong('is one group too many');
  }

  #readQuorum([name, ...rest]: string[]): void {
    if (name === undefined || rest.length > 0) throw this.#wrong('is not quorum NAME');
    if (this.#quorum !== undefined) throw this.#wrong('is a second quorum');
    if (name !== NO_QUORUM && !this.#isDefined(name)) {
      throw this.#wrong(`names ${name} before it is defined`);
    }
    this.#quorum = name;
  }

  #threshold(rule: string, count: number): number {
    if (rule === 'all') return count;
    if (rule === 'any') return 1;
    const threshold = /^[1-9][0-9]{0,3}$/.test(rule) ? Number(rule) : 0;
    if (threshold < 1 || threshold > count) {
      throw this.#wrong(`asks for ${rule} of ${count} members`);
    }
    return threshold;
  }

  #place(keyText: string, url: string | undefined, purposes: readonly KeyPurpose[]): KeyAndPlace {
    const key = parseVerifierKey(keyText);
    if (!purposes.includes(key.purpose)) throw this.#wrong('has a key of a type for another use');
    return url === undefined ? { key } : { key, url };
  }

  #demandNew(name: string): void {
    if (name === NO_QUORUM) throw this.#wrong('defines none, which has its own meaning');
    if (this.#isDefined(name)) throw this.#wrong(`defines ${name} a second time`);
  }

  #isDefined(name: string): boolean {
    return this.#witnesses.has(name) || this.#groups.has(name);
  }

  #wrong(what: string): FormatError {
    return malformed(`Line ${this.#line} of the witness policy ${what}.`);
  }
}

function malformed(message: string): FormatError {
  return new FormatError('tlog_policy_malformed', message);
}
