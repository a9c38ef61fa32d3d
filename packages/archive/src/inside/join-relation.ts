// Hot tables and the files that may hold what is asked, as one relation. Files whose times or tenant
// cannot match are not opened; files that cannot be read are named, so that the answer can say so.

import type { Catalogue, CatalogueFile } from './catalogue.ts';
import { quote, type RelationNeeds, type UnreadablePart } from './event-relation.ts';
import { COLUMN_LIST, type HotTable } from './hot-copy.ts';

export interface ChosenFiles {
  files: CatalogueFile[];
  unreadable: UnreadablePart[];
}

/** SQL of all rows in these files. */
export function sealedRows(files: readonly Pick<CatalogueFile, 'path'>[]): string {
  const paths = files.map(({ path }) => quote(path)).join(', ');
  return `SELECT ${COLUMN_LIST} FROM read_parquet([${paths}])`;
}

export function chooseFiles(
  catalogue: Catalogue,
  { tenant, fromMs, toMs }: RelationNeeds,
): ChosenFiles {
  const asked = catalogue
    .files()
    .filter((file) => tenant === undefined || file.tenant === tenant)
    .filter((file) => fromMs === undefined || file.last_ms >= fromMs)
    .filter((file) => toMs === undefined || file.first_ms <= toMs);
  const files = asked.filter(({ file }) => catalogue.troubleOf(file) === undefined);
  const unreadable = asked.flatMap(({ file, tenant: owner, first, last }) => {
    const trouble = catalogue.troubleOf(file)?.trouble;
    return trouble === undefined ? [] : [{ tenant: owner, first, last, trouble }];
  });
  return { files, unreadable };
}

/** @param numbers chain numbers, of whichever tenants */
export function filesWith(
  files: readonly CatalogueFile[],
  numbers: readonly number[],
): CatalogueFile[] {
  return files.filter(({ first, last }) => numbers.some((one) => one >= first && one <= last));
}

export function joinRelation(
  tables: readonly HotTable[],
  files: readonly CatalogueFile[],
  tenant: string | undefined,
): string {
  const hot = tables.map(({ name }) => `SELECT ${COLUMN_LIST} FROM ${name}`);
  const sealed = files.length === 0 ? [] : [sealedRows(files)];
  const all = [...hot, ...sealed].join(' UNION ALL ');
  if (tenant === undefined) return `(${all})`;
  return `(SELECT * FROM (${all}) WHERE tenant = ${quote(tenant)})`;
}
