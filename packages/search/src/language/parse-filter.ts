// The filter language. From loose to tight: `or`, `and`, `not`, then a comparison, a text, or
// parentheses. Grammar and examples: docs/audit.md; why: docs/decisions/0026-filter-language.md.

import { readNetwork } from '../values/ip-network.ts';
import { FilterFault, type FilterProblem, fault, refuseFilter } from './filter-problem.ts';
import { type Comparison, FILTER_LIMITS, type Filter, type Place } from './filter-tree.ts';
import { lexFilter, type Token } from './lex-filter.ts';
import { readPlace } from './read-place.ts';
import { readEqual, readOrdered, readPattern, textOf } from './read-value.ts';

export interface ParseOptions {
  /** What `-24h` counts from. */
  nowMs: number;
}

/** @throws CodedError `filter_malformed`, with the place and what to do */
export function parseFilter(text: string, options: ParseOptions): Filter {
  const read = readFilter(text, options);
  if ('problem' in read) throw refuseFilter(read.problem);
  return read.filter;
}

/** The same as a value, for whoever points at the place. */
export function readFilter(
  text: string,
  { nowMs }: ParseOptions,
): { filter: Filter } | { problem: FilterProblem } {
  try {
    return { filter: new Parser(lexFilter(text), nowMs).parse() };
  } catch (error) {
    if (error instanceof FilterFault) return { problem: error.problem };
    throw error;
  }
}

const SYMBOLS = new Set(['=', '!=', '~', '!~', '<', '<=', '>', '>=']);
const WORDS = new Set(['and', 'or', 'not', 'in', 'exists']);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #nowMs: number;
  #at = 0;
  #terms = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], nowMs: number) {
    this.#tokens = tokens;
    this.#nowMs = nowMs;
  }

  parse(): Filter {
    if (this.#token.kind === 'end') return { kind: 'and', parts: [] };
    const filter = this.#or();
    const rest = this.#token;
    if (rest.kind === 'end') return filter;
    if (rest.text === ')') throw fault(rest, 'this ) closes nothing.', 'Take it out.');
    const advice = 'Put "and" or "or" before it, or the words together in "quotes".';
    throw fault(rest, 'here the filter should have ended.', advice);
  }

  get #token(): Token {
    // The last token is the end, and is never passed.
    return this.#tokens[this.#at] as Token;
  }

  #take(): Token {
    const token = this.#token;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #takesWord(word: string): boolean {
    const { kind, text } = this.#token;
    if (kind !== 'bare' || text.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #takesOperator(text: string): boolean {
    const token = this.#token;
    if (token.kind !== 'operator' || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #or(): Filter {
    const parts = [this.#and()];
    while (this.#takesWord('or')) parts.push(this.#and());
    return joined('or', parts);
  }

  #and(): Filter {
    const parts = [this.#not()];
    while (this.#takesWord('and')) parts.push(this.#not());
    return joined('and', parts);
  }

  #not(): Filter {
    if (!this.#takesWord('not')) return this.#term();
    return this.#deeper(() => ({ kind: 'not', part: this.#not() }));
  }

  #deeper(read: () => Filter): Filter {
    this.#depth += 1;
    if (this.#depth > FILTER_LIMITS.depth) {
      const advice = `At most ${FILTER_LIMITS.depth} within each other.`;
      throw fault(this.#token, 'too many parentheses and "not".', advice);
    }
    const filter = read();
    this.#depth -= 1;
    return filter;
  }

  #term(): Filter {
    const token = this.#token;
    if (this.#takesOperator('(')) {
      return this.#deeper(() => {
        const filter = this.#or();
        this.#close(token);
        return filter;
      });
    }
    this.#terms += 1;
    if (this.#terms > FILTER_LIMITS.terms) {
      const advice = `At most ${FILTER_LIMITS.terms}; several values of one field go in one list.`;
      throw fault(token, 'too many comparisons.', advice);
    }
    if (token.kind === 'end') throw fault(token, 'a comparison is missing.', EXAMPLE);
    if (token.kind === 'operator' || isWord(token, 'and', 'or', 'in')) {
      throw fault(token, `a field or a text should stand before "${token.text}".`, EXAMPLE);
    }
    this.#at += 1;
    if (isWord(token, 'exists')) return this.#exists();
    return token.kind === 'bare' && this.#isCompared()
      ? this.#comparison(token)
      : containing(token);
  }

  #isCompared(): boolean {
    const { kind, text } = this.#token;
    if (kind === 'operator') return SYMBOLS.has(text);
    if (isWord(this.#token, 'in')) return true;
    const [, after] = this.#tokens.slice(this.#at);
    return isWord(this.#token, 'not') && after !== undefined && isWord(after, 'in');
  }

  #exists(): Filter {
    const opening = this.#token;
    if (!this.#takesOperator('(')) {
      throw fault(opening, '"exists" needs a field.', 'Write exists(device.name).');
    }
    const token = this.#take();
    if (token.kind !== 'bare') throw fault(token, 'a field is missing.', 'Write exists(ip).');
    const place = readPlace(token);
    this.#close(opening);
    return { kind: 'exists', place };
  }

  #comparison(name: Token): Filter {
    const place = readPlace(name);
    if (this.#takesWord('not')) return { kind: 'not', part: this.#afterNot(place) };
    if (this.#takesWord('in')) return this.#in(place);
    const operator = this.#take();
    switch (operator.text) {
      case '!=':
        return { kind: 'not', part: this.#equal(place, operator) };
      case '~':
        return this.#like(place, operator);
      case '!~':
        return { kind: 'not', part: this.#like(place, operator) };
      case '=':
        return this.#equal(place, operator);
      default:
        return this.#compare(place, operator);
    }
  }

  #afterNot(place: Place): Filter {
    this.#takesWord('in');
    return this.#in(place);
  }

  #equal(place: Place, operator: Token): Filter {
    const token = this.#value(operator);
    if (this.#takesOperator('..')) return this.#range(place, token);
    return this.#equals(place, [token]);
  }

  /** A time that is a day or a minute is all of it. */
  #equals(place: Place, tokens: readonly Token[]): Filter {
    if (!('field' in place) || place.field.kind !== 'time') {
      const values = tokens.map((token) => readEqual(place, token, this.#nowMs));
      return { kind: 'equals', place, values };
    }
    const moments = tokens.map((token) => readOrdered(place, token, this.#nowMs));
    const ranges = moments.map(
      ({ firstMs: from, lastMs: to }): Filter => ({ kind: 'range', place, from, to }),
    );
    return joined('or', ranges);
  }

  #range(place: Place, token: Token): Filter {
    const end = this.#value({ ...token, text: '..' });
    const from = readOrdered(place, token, this.#nowMs).firstMs;
    const to = readOrdered(place, end, this.#nowMs).lastMs;
    if (from <= to) return { kind: 'range', place, from, to };
    throw fault(end, 'the range ends before it begins.', 'Write the smaller end first.');
  }

  #compare(place: Place, operator: Token): Filter {
    const { firstMs, lastMs } = readOrdered(place, this.#value(operator), this.#nowMs);
    // After a day is after all of it; until a day is until its end.
    const value = operator.text === '<=' || operator.text === '>' ? lastMs : firstMs;
    return { kind: 'compare', place, operator: operator.text as Comparison, value };
  }

  #like(place: Place, operator: Token): Filter {
    return { kind: 'like', place, pattern: readPattern(place, this.#value(operator)) };
  }

  #in(place: Place): Filter {
    const opening = this.#token;
    if (this.#takesOperator('(')) return this.#list(place, opening);
    const token = this.#value({ ...opening, text: 'in' });
    if (this.#takesOperator('..')) return this.#range(place, token);
    const text = textOf(token);
    const network = readNetwork(text);
    if (network !== undefined && comparesText(place)) return { kind: 'network', place, network };
    const advice = 'Write a list (a, b), a range 1..5, or a network 10.0.0.0/8.';
    throw fault(token, '"in" needs a list, a range or a network.', advice);
  }

  #list(place: Place, opening: Token): Filter {
    const tokens: Token[] = [];
    const networks: Filter[] = [];
    do {
      const token = this.#value(opening);
      const network = comparesText(place) ? readNetwork(textOf(token)) : undefined;
      if (network === undefined) tokens.push(token);
      else networks.push({ kind: 'network', place, network });
      if (tokens.length + networks.length > FILTER_LIMITS.values) {
        throw fault(token, 'the list is too long.', `At most ${FILTER_LIMITS.values} values.`);
      }
    } while (this.#takesOperator(','));
    this.#close(opening);
    if (networks.length === 0) return this.#equals(place, tokens);
    return joined(
      'or',
      tokens.length === 0 ? networks : [this.#equals(place, tokens), ...networks],
    );
  }

  #value(after: Token): Token {
    const token = this.#token;
    const missing = token.kind === 'end' || token.kind === 'operator' || isBareWord(token);
    if (missing) {
      const found = token.kind === 'end' ? '' : ` before "${token.text}"`;
      const message = `a value is missing after "${after.text}"${found}.`;
      throw fault(token, message, `${EXAMPLE} Words like and, or, not go in quotes as values.`);
    }
    return this.#take();
  }

  #close(opening: Token): void {
    if (this.#takesOperator(')')) return;
    const { position, kind, text } = this.#token;
    const found = kind === 'end' ? 'the end' : `"${text}"`;
    const message = `the ( of character ${opening.position + 1} is not closed before ${found}.`;
    throw fault({ position, length: text.length }, message, 'Write a ).');
  }
}

const EXAMPLE = 'For example: class = 3002 and person = "alice".';

function comparesText(place: Place): boolean {
  return !('field' in place) || place.field.kind === 'ip';
}

function containing(token: Token): Filter {
  const text = textOf(token);
  if (text !== '') return { kind: 'contains', text };
  throw fault(token, 'an empty text is in everything.', 'Take it out, or write what to look for.');
}

function joined(kind: 'and' | 'or', parts: readonly Filter[]): Filter {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind, parts };
}

function isWord({ kind, text }: Token, ...words: string[]): boolean {
  return kind === 'bare' && words.includes(text.toLowerCase());
}

function isBareWord(token: Token): boolean {
  return isWord(token, ...WORDS);
}
