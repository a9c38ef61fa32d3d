// Which segments and files are on record: the server's tables, as they were last read. What is on
// record and cannot be read is told, never skipped; what is in the folder and not on record goes.

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTrouble } from '../client/archive-client.ts';
import type { SegmentFileTable, SegmentTable } from '../tables.ts';
import type { EventTable } from './event-table.ts';
import { SPILL_FOLDER } from './open-duckdb.ts';

interface CatalogueFile extends SegmentFileTable {
  path: string;
}

export class Catalogue {
  readonly #folder: string;
  #segments = new Map<string, SegmentTable[]>();
  #files: CatalogueFile[] = [];
  readonly #held = new Map<string, number>();
  readonly #leaving = new Set<string>();
  readonly #damaged = new Map<string, FileTrouble>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns what is wrong with files on record, all of it */
  load(table: EventTable): FileTrouble[] {
    const before = this.#files;
    this.#segments = Map.groupBy(table.readSegments(), ({ tenant }) => tenant);
    this.#files = table.readFiles().map((row) => ({ ...row, path: join(this.#folder, row.file) }));
    const onRecord = new Set(this.#files.map(({ path }) => path));
    for (const { path } of before) if (!onRecord.has(path)) this.#remove(path);
    return this.#files.flatMap((file) => this.#look(file) ?? []);
  }

  /** Memory that an archivist before this one spilled. */
  removeSpill(): void {
    rmSync(join(this.#folder, SPILL_FOLDER), { recursive: true, force: true });
  }

  /** What a crash left: files that were written and never recorded. @param waiting that still will be */
  removeOrphans(waiting: readonly string[]): string[] {
    const recorded = [
      ...this.#files,
      ...waiting.map((file) => ({ path: join(this.#folder, file) })),
    ];
    const onRecord = new Set(recorded.map(({ path }) => path));
    const removed: string[] = [];
    for (const entry of readdirSync(this.#folder, { withFileTypes: true })) {
      const path = join(this.#folder, entry.name);
      if (!entry.isDirectory() || entry.name === SPILL_FOLDER) continue;
      removed.push(...this.#orphansIn(path, onRecord));
    }
    return removed;
  }

  segmentsOf(tenant: string): readonly SegmentTable[] {
    return this.#segments.get(tenant) ?? [];
  }

  allSegments(): SegmentTable[] {
    return [...this.#segments.values()].flat();
  }

  files(): readonly CatalogueFile[] {
    return this.#files;
  }

  find(tenant: string, file: string): CatalogueFile | undefined {
    return this.#files.find((one) => one.file === file && one.tenant === tenant);
  }

  troubleOf(file: string): FileTrouble | undefined {
    return this.#damaged.get(file);
  }

  clearTrouble(file: string): void {
    this.#damaged.delete(file);
  }

  noteTrouble(trouble: FileTrouble): void {
    this.#damaged.set(trouble.file, trouble);
  }

  /** Keeps files from being removed until the answer is made. */
  hold(files: readonly CatalogueFile[]): () => void {
    const paths = files.map(({ path }) => path);
    for (const path of paths) this.#held.set(path, (this.#held.get(path) ?? 0) + 1);
    return () => {
      for (const path of paths) {
        const left = (this.#held.get(path) ?? 1) - 1;
        if (left > 0) this.#held.set(path, left);
        else this.#held.delete(path);
        if (left === 0 && this.#leaving.delete(path)) rmSync(path, { force: true });
      }
    };
  }

  #remove(path: string): void {
    if (this.#held.has(path)) this.#leaving.add(path);
    else rmSync(path, { force: true });
  }

  /** Whether it is there and as long as it was: contents are what `check` is for. */
  #look(file: CatalogueFile): FileTrouble | undefined {
    const { tenant, path, bytes } = file;
    const known = this.#damaged.get(file.file) ?? recalled(file);
    if (known?.trouble === 'damaged') {
      this.#damaged.set(file.file, known);
      return known;
    }
    const size = existsSync(path) ? statSync(path).size : undefined;
    if (size === bytes) {
      this.#damaged.delete(file.file);
      return undefined;
    }
    const trouble: FileTrouble = {
      ...{ tenant, file: file.file, trouble: size === undefined ? 'missing' : 'damaged' },
      detail: size === undefined ? 'it is not there' : `it has ${size} bytes instead of ${bytes}`,
    };
    this.#damaged.set(file.file, trouble);
    return trouble;
  }

  #orphansIn(folder: string, onRecord: ReadonlySet<string>): string[] {
    const paths = readdirSync(folder).map((name) => join(folder, name));
    const orphans = paths.filter((path) => !onRecord.has(path) && /\.parquet(\.tmp)?$/.test(path));
    for (const path of orphans) rmSync(path, { force: true });
    return orphans;
  }
}

/** What a check found stays so, after a start too, until a check finds the file in order. */
function recalled({ tenant, file, trouble }: CatalogueFile): FileTrouble | undefined {
  if (trouble !== 'damaged') return undefined;
  return { tenant, file, trouble, detail: 'it was found damaged before' };
}

export type { CatalogueFile };
