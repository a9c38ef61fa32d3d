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
export {
  type BesideSink,
  type NewSink,
  PushSinks,
  type PushSinkView,
  type SinkSecrets,
} from './push/keep-sinks.ts';
export { openTransport } from './push/open-transport.ts';
export type { PushCode } from './push/push-error.ts';
export type { EventFeed, EventPage, PushedEvent } from './push/pushed-event.ts';
export { SinkRunner } from './push/sink-runner.ts';
export { type PushTables, pushMigrations } from './push/sink-table.ts';
export type { SinkNotes } from './push/take-sink-turn.ts';
