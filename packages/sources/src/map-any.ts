// One record of whatever source → events. Nothing a record holds can stop the others: a map that fails
// leaves the record unknown, which is kept and counted.

import { ALL_SOURCES, findSource } from './all-sources.ts';
import type { JsonObject, MappedRecord, Source, SourceName } from './map-record.ts';
import { mapUnknown } from './map-unknown.ts';
import { maskSecrets } from './reading/mask-secrets.ts';

export interface MappedAnything {
  source: SourceName;
  /** None when the record says nothing, as a page marker does. */
  events: MappedRecord[];
}

export class RecordMapper {
  readonly #forced: Source | undefined;
  /** Most inputs hold records of one source. */
  #last: Source | undefined;

  /** @param source taken for every record that no other source recognises */
  constructor(source?: SourceName) {
    this.#forced = source === undefined ? undefined : findSource(source);
    this.#last = this.#forced;
  }

  /** Whatever a map does, no secret of the record is in what comes of it. */
  map(given: JsonObject): MappedAnything {
    const record = maskSecrets(given);
    const source = this.#find(record);
    if (source !== undefined) {
      const events = mapWith(source, record);
      if (events !== undefined) return { source: source.name, events };
    }
    return { source: source?.name ?? 'unknown', events: [mapUnknown(record)] };
  }

  #find(record: JsonObject): Source | undefined {
    if (this.#last !== undefined && knows(this.#last, record)) return this.#last;
    const found = ALL_SOURCES.find((source) => knows(source, record));
    if (found !== undefined) this.#last = found;
    return found ?? this.#forced;
  }
}

function knows(source: Source, record: JsonObject): boolean {
  try {
    return source.recognises(record);
  } catch {
    return false;
  }
}

function mapWith(source: Source, record: JsonObject): MappedRecord[] | undefined {
  try {
    return source.map(record);
  } catch {
    return undefined;
  }
}
