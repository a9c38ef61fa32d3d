export {
  type AnchorAnswer,
  type AnchorBook,
  type AnnouncedAnchor,
  type KeptAnchor,
  openAnchorBook,
} from './anchors/anchor-book.ts';
export { type Anchoring, type AnchoringParts, anchorTrails } from './anchors/anchor-trails.ts';
export type { TrailDifference } from './anchors/hold-against-anchor.ts';
export {
  describeSegment,
  isTombstone,
  ManifestTrees,
  readManifests,
} from './anchors/read-manifests.ts';
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
export { type Archivist, type ArchivistOptions, openArchivist } from './inside/archivist.ts';
export type {
  EventRelation,
  EventRelations,
  RelationNeeds,
  UnreadablePart,
} from './inside/event-relation.ts';
export type { ArchiveLimits } from './keeper/archive-room.ts';
export type { Retention, RetentionChange } from './keeper/change-retention.ts';
export {
  type Archive,
  type ArchiveParts,
  createArchive,
} from './keeper/create-archive.ts';
export { isArchiveAway } from './keeper/each-in-turn.ts';
export type { Erasure, ErasureRequest } from './keeper/erase-person.ts';
export { RETENTION_PROFILES, type RetentionProfile } from './keeper/profiles.ts';
export { type FillOptions, fillArchive } from './measuring/fill-archive.ts';
export { archiveMigrations } from './migrations.ts';
export { answerRequests } from './pipe/answer-requests.ts';
export { createArchiveClient } from './pipe/create-archive-client.ts';
export type { ParquetFile, ParquetRequest } from './query/export-parquet.ts';
export { readPersonsView } from './query/redact-for-person.ts';
export { scopeFilter } from './query/scope-filter.ts';
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
