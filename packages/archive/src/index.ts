export { type ArchiveCode, archiveError } from './archive-error.ts';
export type {
  ArchiveClient,
  ChainedEvent,
  CheckRequest,
  Cut,
  FileTrouble,
  Followed,
  FoundByUid,
  RangeRequest,
  RewriteRequest,
  Rewritten,
  SealedSegment,
  TenantHead,
  WrittenFile,
} from './client/archive-client.ts';
export {
  COLUMNS,
  type ColumnName,
  type ExtractedColumns,
  extractColumns,
  foldPerson,
} from './columns.ts';
export { archiveMigrations } from './migrations.ts';
export type {
  AggregateAnswer,
  AggregateRequest,
  EventGroup,
  FoundEvent,
  SearchPage,
  SearchRequest,
  SearchScope,
} from './query/search-request.ts';
export type {
  ArchiveTables,
  ErasureTable,
  RetentionTable,
  SegmentFileTable,
  SegmentTable,
} from './tables.ts';
