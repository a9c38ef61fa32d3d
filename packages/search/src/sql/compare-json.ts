// Comparisons with a path into the event. Each costs a look into the whole text, so where only some texts
// can match, the text is searched for the bytes of the value first.

import { type Filter, isEach, type Step } from '../language/filter-tree.ts';
import { spellInJson } from '../match/match-event.ts';
import type { BoundValues } from './bound-values.ts';
import { networkCondition, spelledAddress } from './network-condition.ts';
import { wholePattern } from './spell-pattern.ts';

type OfPath = Extract<Filter, { place: unknown }> & { place: { path: readonly Step[] } };

export function compareJson(filter: OfPath, bound: BoundValues): string {
  const { path } = filter.place;
  const quick = quickCondition(filter, bound);
  const spelled = bound.add(spellPath(path));
  const exact = path.some(isEach)
    ? `len(list_filter(json_extract(ocsf, ${spelled}), lambda x: ${element(filter, bound)})) > 0`
    : single(filter, spelled, bound);
  return quick === undefined ? exact : `(${quick} AND ${exact})`;
}

/** JSONPath as DuckDB has it; names cannot hold what would end the quotes. */
export function spellPath(path: readonly Step[]): string {
  const steps = path.map((step) => {
    if (isEach(step)) return '[*]';
    return typeof step === 'number' ? `[${step}]` : `."${step}"`;
  });
  return `$${steps.join('')}`;
}

/** Events without these bytes cannot match. */
function quickCondition(filter: OfPath, bound: BoundValues): string | undefined {
  if (filter.kind !== 'equals') return undefined;
  if (filter.values.length > MOST_NEEDLES || filter.values.some(isExponent)) return undefined;
  const needles = filter.values.map((value) => bound.add(spellInJson(String(value))));
  return `(${needles.map((value) => `contains(ocsf, ${value})`).join(' OR ')})`;
}

const MOST_NEEDLES = 4;

/** The one form of numbers that JSON texts spell in several ways. */
function isExponent(value: string | number): boolean {
  return /^-?\d+(?:\.\d+)?e/.test(String(value));
}

function single(filter: OfPath, path: string, bound: BoundValues): string {
  if (filter.kind === 'exists') return `json_type(ocsf, ${path}) <> 'NULL'`;
  const condition = compareText(filter, `json_extract_string(ocsf, ${path})`, bound);
  return canMatchStructure(filter)
    ? `(${condition} AND json_type(ocsf, ${path}) NOT IN ('OBJECT', 'ARRAY'))`
    : condition;
}

function element(filter: OfPath, bound: BoundValues): string {
  if (filter.kind === 'exists') return "json_type(x) <> 'NULL'";
  const condition = compareText(filter, "json_extract_string(x, '$')", bound);
  return `(${condition} AND json_type(x) NOT IN ('OBJECT', 'ARRAY', 'NULL'))`;
}

/** Objects and arrays read as their JSON, which no comparison means. */
function canMatchStructure(filter: OfPath): boolean {
  const opens = (text: string | number): boolean => /^[{[]/.test(String(text));
  if (filter.kind === 'equals') return filter.values.some(opens);
  if (filter.kind !== 'like') return false;
  const [first] = filter.pattern;
  return first !== undefined && (typeof first === 'string' ? opens(first) : true);
}

const NUMBER = '-?[0-9]{1,15}(?:\\.[0-9]{1,15})?';

function compareText(
  filter: Exclude<OfPath, { kind: 'exists' }>,
  text: string,
  bound: BoundValues,
): string {
  const number = `TRY_CAST(CASE WHEN regexp_full_match(${text}, '${NUMBER}') THEN ${text} END AS DOUBLE)`;
  switch (filter.kind) {
    case 'equals':
      return `${text} IN (${bound.addAll(filter.values.map(String))})`;
    case 'compare':
      return `${number} ${filter.operator} ${bound.add(filter.value)}`;
    case 'range':
      return `${number} BETWEEN ${bound.add(filter.from)} AND ${bound.add(filter.to)}`;
    case 'like':
      return `regexp_full_match(${text}, ${bound.add(wholePattern(filter.pattern, false))})`;
    case 'network':
      return networkCondition(spelledAddress(text), filter.network, bound);
  }
}
