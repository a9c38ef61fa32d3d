// The unified audit log comes in five wrappings: as the Management API gives it, as a CSV of Purview or
// the output of Search-UnifiedAuditLog with the record as JSON text in `AuditData`, with all names in
// lower case, and as columns of Log Analytics (`OfficeActivity`). All become one view by folded names.

import { foldName, foldNames } from '../reading/fold-names.ts';
import { type LooseObject, memberOf, objectOf, textOf } from '../reading/read-text.ts';

export type Wrapping = 'record' | 'export' | 'log-analytics';

export interface AuditRecord {
  wrapping: Wrapping;
  /** The record itself; in an export, what `AuditData` holds. */
  data: LooseObject;
  /** What an export says beside the record. */
  outer: LooseObject;
  /** `AuditData` was there and could not be read: a cell that was cut, mostly. */
  torn: boolean;
  /** A member by its folded name in our spelling; undefined when it says nothing. */
  get(name: string): unknown;
  text(name: string): string | undefined;
  /** Members no name of which we know, as they were spelt. */
  rest(known: ReadonlySet<string>): Record<string, unknown>;
}

/** Columns of `OfficeActivity`, folded, that are called something else in the record. */
const COLUMN_NAMES: Readonly<Record<string, string>> = {
  officeid: 'id',
  officeobjectid: 'objectid',
  officeworkload: 'workload',
  officetenantid: 'organizationid',
  client_ipaddress: 'clientipaddress',
  logon_type: 'logontype',
  userid_: 'userid',
  start_time: 'starttime',
  site_: 'site',
  event_data: 'eventdata',
  timegenerated: 'creationtime',
};

/** Columns of an export, folded: used where the record inside is torn. */
const EXPORT_NAMES: Readonly<Record<string, string>> = {
  creationdate: 'creationtime',
  userids: 'userid',
  operations: 'operation',
  recordid: 'id',
  identity: 'id',
};

const NO_NAMES: Readonly<Record<string, string>> = {};

export function openRecord(record: LooseObject): AuditRecord {
  const names = foldNames(record);
  const auditData = names.get('auditdata');
  if (auditData !== undefined) {
    const inside = objectOf(auditData);
    return view('export', inside ?? {}, record, inside === undefined, [
      [foldNames(inside ?? {}), {}],
      [names, EXPORT_NAMES],
    ]);
  }
  if (names.has('officeworkload') || textOf(names.get('type')) === 'OfficeActivity') {
    return view('log-analytics', record, {}, false, [[names, COLUMN_NAMES]]);
  }
  return view('record', record, {}, false, [[names, NO_NAMES]]);
}

type Layer = readonly [Map<string, unknown>, Readonly<Record<string, string>>];

function view(
  wrapping: Wrapping,
  data: LooseObject,
  outer: LooseObject,
  torn: boolean,
  layers: readonly Layer[],
): AuditRecord {
  const found = merge(layers);
  const get = (name: string): unknown => {
    const value = found.get(foldName(name));
    return value === null || value === '' ? undefined : value;
  };
  return {
    ...{ wrapping, data, outer, torn, get },
    text: (name) => textOf(get(name)),
    rest: (known) => ({ ...restOf(outer, known), ...restOf(data, known) }),
  };
}

/** What an earlier layer says counts, and in a layer its own names before the renamed ones. */
function merge(layers: readonly Layer[]): Map<string, unknown> {
  const [first] = layers;
  // As nearly all records are: nothing to rename, nothing to add.
  if (layers.length === 1 && first?.[1] === NO_NAMES) return first[0];
  const found = new Map<string, unknown>();
  for (const [names, renamed] of layers) {
    for (const [name, value] of names) put(found, name, value);
    for (const [name, ours] of Object.entries(renamed)) put(found, ours, names.get(name));
  }
  return found;
}

function put(found: Map<string, unknown>, name: string, value: unknown): void {
  const empty = value === null || value === undefined || value === '';
  if (!empty && !found.has(name)) found.set(name, value);
}

function restOf(object: LooseObject, known: ReadonlySet<string>): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  for (const name of Object.keys(object)) {
    const folded = foldName(name);
    const value = memberOf(object, name);
    if (known.has(folded) || name === '__proto__' || value === null || value === '') continue;
    rest[name] = value;
  }
  return rest;
}
