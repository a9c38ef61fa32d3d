export type {
  OutboundAnswer,
  OutboundCode,
  OutboundRequest,
  Reach,
} from './outbound/send-request.ts';
export { Authoriser } from './pull/authorise.ts';
export type { PullGap } from './pull/checkpoint.ts';
export {
  type Beside,
  PullSources,
  type PullSourceView,
  type SourceCode,
} from './pull/keep-sources.ts';
export { PULL_KINDS, type PullKind, sourceSettings } from './pull/source-settings.ts';
export { type PullTables, pullMigrations } from './pull/source-table.ts';
export { type BehindGap, takeTurn } from './pull/take-turn.ts';
