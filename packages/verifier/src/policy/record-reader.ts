// Takes members out of an untrusted record one by one and, at the end, refuses what is left over.
// Every refusal names the place, so that the developer finds the line.

import { FormatError } from '../format-error.ts';
import { urlObjection } from '../http/allow-url.ts';

const LONGEST_TEXT = 2048;

export class RecordReader {
  readonly #members: Map<string, unknown>;
  readonly #place: string;

  /** @throws FormatError `policy_malformed` when the value is not an object */
  constructor(value: unknown, place: string) {
    this.#place = place;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new FormatError('policy_malformed', `${place} must be an object.`);
    }
    // An undefined member is an absent one: policies are also written as object literals.
    this.#members = new Map(Object.entries(value).filter(([, member]) => member !== undefined));
  }

  text(name: string): string {
    const value = this.#take(name);
    if (typeof value !== 'string' || value === '' || value.length > LONGEST_TEXT) {
      throw this.wrong(name, 'must be a text');
    }
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.#members.has(name) ? this.text(name) : undefined;
  }

  /** A text of up to `most` UTF-16 units, for documents within the document. */
  optionalDocument(name: string, most: number): string | undefined {
    if (!this.#members.has(name)) return undefined;
    const value = this.#take(name);
    if (typeof value !== 'string' || value === '' || value.length > most) {
      throw this.wrong(name, `must be a text of at most ${most} characters`);
    }
    return value;
  }

  /** At most `most` texts, each once. */
  optionalTexts(name: string, most: number): string[] | undefined {
    if (!this.#members.has(name)) return undefined;
    const list = this.#list(name, most);
    const texts = list.filter(
      (value) => typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT,
    ) as string[];
    if (texts.length !== list.length || new Set(texts).size !== list.length) {
      throw this.wrong(name, 'must list texts, each once');
    }
    return texts;
  }

  /** A URL that may be fetched, kept as written. */
  url(name: string): string {
    const text = this.text(name);
    const objection = urlObjection(text);
    if (objection !== undefined) throw this.wrong(name, `cannot be used: ${objection}`);
    return text;
  }

  number(name: string, least: number, most: number): number {
    const value = this.#take(name);
    if (!Number.isSafeInteger(value) || Number(value) < least || Number(value) > most) {
      throw this.wrong(name, `must be a whole number from ${least} to ${most}`);
    }
    return Number(value);
  }

  choice<T extends string>(name: string, allowed: readonly T[]): T {
    const text = this.text(name);
    const found = allowed.find((candidate) => candidate === text);
    if (found === undefined) throw this.wrong(name, `must be one of ${allowed.join(', ')}`);
    return found;
  }

  optionalChoice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    return this.#members.has(name) ? this.choice(name, allowed) : undefined;
  }

  choices<T extends string>(name: string, allowed: readonly T[]): T[] {
    const value = this.#list(name, allowed.length);
    const found = allowed.filter((candidate) => value.includes(candidate));
    if (found.length === 0 || found.length !== value.length) {
      throw this.wrong(name, `must list some of ${allowed.join(', ')}, each once`);
    }
    return found;
  }

  record<T>(name: string, read: (inner: RecordReader) => T): T {
    return read(new RecordReader(this.#take(name), this.#at(name)));
  }

  optionalRecord<T>(name: string, read: (inner: RecordReader) => T): T | undefined {
    return this.#members.has(name) ? this.record(name, read) : undefined;
  }

  records(name: string, most: number): RecordReader[] {
    const list = this.#list(name, most);
    return list.map((value, at) => new RecordReader(value, `${this.#at(name)}[${at}]`));
  }

  /** A record of whole numbers, at least 0. */
  numbers(name: string, most: number): Record<string, number> {
    return this.record(name, (inner) => {
      const names = [...inner.#members.keys()];
      if (names.length > most) throw this.wrong(name, `must have at most ${most} members`);
      return Object.fromEntries(
        names.map((member) => [member, inner.number(member, 0, Number.MAX_SAFE_INTEGER)]),
      );
    });
  }

  /** @throws FormatError `policy_malformed` when a member was not taken */
  end(): void {
    const [unknown] = this.#members.keys();
    if (unknown !== undefined) throw this.wrong(unknown, 'is not a member that exists');
  }

  wrong(name: string, what: string): FormatError {
    return new FormatError('policy_malformed', `${this.#at(name)} ${what}.`);
  }

  #list(name: string, most: number): unknown[] {
    const value = this.#take(name);
    if (!Array.isArray(value) || value.length > most) {
      throw this.wrong(name, `must be a list of at most ${most}`);
    }
    return value;
  }

  #take(name: string): unknown {
    if (!this.#members.has(name)) throw this.wrong(name, 'is missing');
    const value = this.#members.get(name);
    this.#members.delete(name);
    return value;
  }

  #at(name: string): string {
    return `${this.#place}.${name}`;
  }
}
