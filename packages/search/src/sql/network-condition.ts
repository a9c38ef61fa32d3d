// A network as a condition on addresses in our spelling: whole parts are a prefix, the part that is cut is
// a range of numbers; IPv6, written out in full, is a range of text.

import type { IpNetwork } from '../values/ip-network.ts';
import type { BoundValues } from './bound-values.ts';

/** @param address SQL of an address in our spelling, or null */
export function networkCondition(address: string, network: IpNetwork, bound: BoundValues): string {
  if (network.family === 6) {
    const range = `BETWEEN ${bound.add(network.first)} AND ${bound.add(network.last)}`;
    return `(length(${address}) = 39 AND ${address} ${range})`;
  }
  const conditions = [`NOT contains(${address}, ':')`];
  const whole = Math.floor(network.bits / 8);
  const [first, last] = [network.first.split('.'), network.last.split('.')];
  if (whole > 0) {
    const prefix = first.slice(0, whole).join('.') + (whole === 4 ? '' : '.');
    const value = bound.add(prefix);
    conditions.push(whole === 4 ? `${address} = ${value}` : `starts_with(${address}, ${value})`);
  }
  if (network.bits % 8 > 0) {
    const [from, to] = [Number(first[whole]), Number(last[whole])];
    const part = `TRY_CAST(split_part(${address}, '.', ${whole + 1}) AS INTEGER)`;
    conditions.push(`${part} BETWEEN ${bound.add(from)} AND ${bound.add(to)}`);
  }
  return `(${conditions.join(' AND ')})`;
}

const PART = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const V4 = `${PART}(?:\\.${PART}){3}`;

/** SQL that spells any address our way, as `spellIp` does; null for what is none. */
export function spelledAddress(text: string): string {
  const plain = `regexp_replace(lower(${text}), '(?s)%.*$', '')`;
  const mapped = `regexp_extract(${plain}, '^::ffff:(${V4})$', 1)`;
  return `CASE WHEN regexp_full_match(${text}, '${V4}') THEN ${text}
    WHEN length(${plain}) > 39 OR NOT contains(${plain}, ':') THEN NULL
    WHEN ${mapped} <> '' THEN ${mapped}
    WHEN regexp_full_match(${plain}, '[0-9a-f:]+') THEN ${groups(plain)} END`;
}

function groups(plain: string): string {
  const halves = `string_split(${plain}, '::')`;
  const half = (at: 1 | 2): string => {
    const list = `string_split(${halves}[${at}], ':')`;
    return `CASE WHEN coalesce(${halves}[${at}], '') = '' THEN []::VARCHAR[] ELSE ${list} END`;
  };
  const given = `list_concat(${half(1)}, ${half(2)})`;
  const missing = `8 - len(${given})`;
  const zeros = `list_resize([]::VARCHAR[], ${missing}, '0')`;
  const all = `list_concat(list_concat(${half(1)}, ${zeros}), ${half(2)})`;
  const spelled = `array_to_string(list_transform(${all}, lambda g: lpad(g, 4, '0')), ':')`;
  const wrong = `list_filter(${given}, lambda g: NOT regexp_full_match(g, '[0-9a-f]{1,4}'))`;
  const whole = `CASE len(${halves}) WHEN 2 THEN ${missing} >= 1 WHEN 1 THEN ${missing} = 0 END`;
  return `CASE WHEN (${whole}) AND len(${wrong}) = 0 THEN ${spelled} END`;
}
