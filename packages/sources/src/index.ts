export { ALL_SOURCES, findSource } from './all-sources.ts';
export type { ReadProblem, ReadProblemCode, TellProblem } from './bytes/read-problem.ts';
export { cloudTrailSource } from './cloudtrail/cloudtrail-source.ts';
export { type MappedAnything, RecordMapper } from './map-any.ts';
export {
  type FieldNote,
  type JsonObject,
  type MappedRecord,
  SOURCE_NAMES,
  type Source,
  type SourceName,
} from './map-record.ts';
export { oktaSource } from './okta/okta-source.ts';
export { maskText } from './reading/mask-secrets.ts';
export { parseRecord } from './records/parse-record.ts';
export { type ReadOptions, type ReadRecord, readRecords } from './records/read-records.ts';
