// Cuts a filter into tokens. A bare token runs to the next space, quote, bracket, comma or operator, so
// that addresses, times and ids need no quotes; `..` stands alone.

import { fault } from './filter-problem.ts';
import { FILTER_LIMITS } from './filter-tree.ts';

export interface Token {
  kind: 'bare' | 'quoted' | 'operator' | 'end';
  /** Of a quoted token what is between the quotes, escapes as written. */
  text: string;
  position: number;
  length: number;
}

const OPERATOR = /!=|!~|<=|>=|\.\.|[=<>~(),]/y;
const SPACE = /\s+/y;
// A piece between backticks may hold anything: names of members with spaces or dots.
const BARE = /(?:`[^`]*`|(?!\.\.)[^\s"'`=<>~!(),])+/y;

/** @throws FilterFault */
export function lexFilter(text: string): Token[] {
  if (text.length > FILTER_LIMITS.length) {
    const place = { position: FILTER_LIMITS.length, length: text.length - FILTER_LIMITS.length };
    throw fault(place, 'the filter is too long.', `At most ${FILTER_LIMITS.length} characters.`);
  }
  const tokens: Token[] = [];
  let at = skip(text, 0);
  while (at < text.length) {
    const token = readToken(text, at);
    tokens.push(token);
    at = skip(text, at + token.length);
  }
  tokens.push({ kind: 'end', text: '', position: text.trimEnd().length, length: 0 });
  return tokens;
}

function readToken(text: string, position: number): Token {
  const first = text.charAt(position);
  if (first === '"' || first === "'") return readQuoted(text, position, first);
  const operator = matchAt(OPERATOR, text, position);
  if (operator !== undefined) {
    return { kind: 'operator', text: operator, position, length: operator.length };
  }
  const bare = matchAt(BARE, text, position);
  if (bare !== undefined) return { kind: 'bare', text: bare, position, length: bare.length };
  const place = { position, length: 1 };
  if (first === '`') {
    throw fault(place, 'a name between ` and ` does not end.', 'Close it with another `.');
  }
  throw fault(place, `"${first}" means nothing here.`, 'Put text that holds it in "quotes".');
}

function readQuoted(text: string, position: number, quote: string): Token {
  for (let at = position + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (character === quote) {
      const length = at + 1 - position;
      return { kind: 'quoted', text: text.slice(position + 1, at), position, length };
    }
  }
  const place = { position, length: text.length - position };
  throw fault(place, 'a text in quotes does not end.', `Close it with another ${quote}.`);
}

function skip(text: string, position: number): number {
  return position + (matchAt(SPACE, text, position)?.length ?? 0);
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}
