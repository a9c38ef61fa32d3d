// The sources there are. No record is recognised by two of them, so that their order says nothing.

import type { Source, SourceName } from './map-record.ts';
import { oktaSource } from './okta/okta-source.ts';

export const ALL_SOURCES: readonly Source[] = [oktaSource];

export function findSource(name: SourceName): Source | undefined {
  return ALL_SOURCES.find((source) => source.name === name);
}
