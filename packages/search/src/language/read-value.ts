// A value after an operator, in the form its field is compared by.

import type { Field } from '../fields/known-fields.ts';
import { foldPerson } from '../values/fold-person.ts';
import { type Moment, readMoment } from '../values/read-time.ts';
import { spellIp } from '../values/spell-ip.ts';
import { fault } from './filter-problem.ts';
import { FILTER_LIMITS, type Pattern, type Place } from './filter-tree.ts';
import type { Token } from './lex-filter.ts';

const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;

/** The text of a token, escapes resolved. @throws FilterFault */
export function textOf(token: Token): string {
  const text = token.kind === 'quoted' ? withoutEscapes(token) : token.text.replaceAll('`', '');
  if (text.length > FILTER_LIMITS.text) {
    throw fault(token, 'the text is too long.', `At most ${FILTER_LIMITS.text} characters.`);
  }
  return text.toWellFormed();
}

/** What a value is compared with by `=`. @throws FilterFault */
export function readEqual(place: Place, token: Token, nowMs: number): string | number {
  if (!('field' in place)) return readPlain(token);
  const { field } = place;
  switch (field.kind) {
    case 'number':
      return readNumber(field, token);
    case 'time':
      return readTime(token, nowMs).firstMs;
    case 'ip':
      return readAddress(token);
    case 'person':
      return foldPerson(textOf(token));
    case 'text':
      return readPlain(token);
  }
}

/** What a value is compared with by `<` and its kin. @throws FilterFault */
export function readOrdered(place: Place, token: Token, nowMs: number): Moment {
  if ('field' in place && place.field.kind === 'time') return readTime(token, nowMs);
  if ('field' in place && place.field.kind !== 'number') {
    const message = `${place.field.name} has no order.`;
    throw fault(token, message, 'Compare it with =, ~ or in.');
  }
  const number = 'field' in place ? readNumber(place.field, token) : readAnyNumber(token);
  return { firstMs: number, lastMs: number };
}

/** @throws FilterFault */
export function readPattern(place: Place, token: Token): Pattern {
  const kind = 'field' in place ? place.field.kind : 'text';
  if (kind === 'number' || kind === 'time') {
    throw fault(token, 'a number has no pattern.', 'Compare it with =, <, > or in a..b.');
  }
  const text = token.kind === 'quoted' ? token.text : token.text.replaceAll('`', '');
  const pieces = cutPattern(kind === 'person' ? foldPerson(text) : text);
  const wildcards = pieces.filter((piece) => typeof piece !== 'string').length;
  if (wildcards > FILTER_LIMITS.wildcards || text.length > FILTER_LIMITS.text) {
    const advice = `At most ${FILTER_LIMITS.wildcards} wildcards and ${FILTER_LIMITS.text} characters.`;
    throw fault(token, 'the pattern is too long.', advice);
  }
  return pieces;
}

function cutPattern(text: string): Pattern {
  const pieces: (string | { any: 'text' | 'character' })[] = [];
  for (const [, escaped, wild, plain] of text.toWellFormed().matchAll(/\\(.)|([*?])|(.)/gsu)) {
    const last = pieces.at(-1);
    if (wild === undefined) {
      const letter = escaped ?? plain ?? '';
      if (typeof last === 'string') pieces[pieces.length - 1] = last + letter;
      else pieces.push(letter);
    } else if (wild === '?') pieces.push({ any: 'character' });
    // Two in a row say no more than one.
    else if (typeof last !== 'object' || last.any !== 'text') pieces.push({ any: 'text' });
  }
  return pieces;
}

function readPlain(token: Token): string {
  if (token.kind === 'bare' && /[*?]/.test(token.text)) {
    const advice = 'Use ~ for wildcards, or put the text in "quotes" if * and ? are meant.';
    throw fault(token, '= takes no wildcards.', advice);
  }
  const text = textOf(token);
  // As JSON spells it: 5.0 and 05 are 5.
  return token.kind === 'bare' && NUMBER.test(text) ? String(Number(text)) : text;
}

function readNumber({ name, words }: Field, token: Token): number {
  const text = textOf(token);
  const word = words !== undefined && Object.hasOwn(words, text.toLowerCase());
  if (word) return words[text.toLowerCase()] ?? 0;
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  const known = words === undefined ? '' : ` or one of ${Object.keys(words).join(', ')}`;
  throw fault(token, `${name} is a number.`, `Write a whole number${known}.`);
}

function readAnyNumber(token: Token): number {
  const text = textOf(token);
  if (NUMBER.test(text)) return Number(text);
  throw fault(token, 'only numbers have an order here.', 'Write a number, such as 3 or 0.5.');
}

function readTime(token: Token, nowMs: number): Moment {
  const moment = readMoment(textOf(token), nowMs);
  if (moment !== undefined) return moment;
  const advice = 'Write 2026-11-01, "2026-11-01T12:00:00Z", or how long ago: -15m, -24h, -7d.';
  throw fault(token, 'this is no time.', advice);
}

function readAddress(token: Token): string {
  const address = spellIp(textOf(token));
  if (address !== undefined) return address;
  const advice = 'Write 192.0.2.1 or 2001:db8::1; a network goes after "in": ip in 10.0.0.0/8.';
  throw fault(token, 'this is no address.', advice);
}

function withoutEscapes(token: Token): string {
  return token.text.replace(/\\(.)/gsu, (_, character: string) => {
    if ('"\'\\*?'.includes(character)) return character;
    const advice = 'A \\ goes before ", \', \\, * and ? only; write \\\\ for \\ itself.';
    throw fault(token, `"\\${character}" means nothing.`, advice);
  });
}
