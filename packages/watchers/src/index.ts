export { holdFolder } from './disk/hold-folder.ts';
export {
  type ForkEvidence,
  formatForkEvidence,
  type ProvenFork,
  verifyForkEvidence,
} from './evidence/fork-evidence.ts';
export {
  checkKeys,
  type EntryCheck,
  type KnownKeys,
  type LeafRecords,
  type SeenKey,
} from './monitor/entry-check.ts';
export { ALARM_CODES, type AlarmCode, type MonitorAlarm } from './monitor/monitor-alarm.ts';
export type {
  CheckpointView,
  Monitor,
  MonitorOptions,
  MonitorProgress,
  MonitorReport,
} from './monitor/monitor-report.ts';
export { openMonitor } from './monitor/open-monitor.ts';
export type { SeenEntry } from './monitor/read-entries.ts';
export {
  createLogReader,
  type LogReader,
  type LogReaderOptions,
} from './reader/log-reader.ts';
export { type PrefixProof, readInclusionProof, readPrefixProof } from './reader/read-proof.ts';
export { readThrough } from './reader/read-through.ts';
export { createWitnessView } from './reader/witness-view.ts';
export type { AlarmPhase, WatchdogAlarm } from './watchdog/alarm-book.ts';
export type { HouseView, RotatorPulse, WatchedKey } from './watchdog/house-view.ts';
export type { WatchdogReport } from './watchdog/open-watchdog.ts';
export type { Suspicion, WatchdogCode } from './watchdog/suspicion.ts';
export { type HouseWatch, type WatchHouseOptions, watchHouse } from './watchdog/watch-house.ts';
export type { WatcherCode } from './watcher-error.ts';
export { answerWitness, type WitnessRequest } from './witness/answer-witness.ts';
export { hashOrigin } from './witness/hash-origin.ts';
export { openWitness, type Witness, type WitnessOptions } from './witness/open-witness.ts';
export {
  type ServedWitness,
  type ServeWitnessOptions,
  serveWitness,
} from './witness/serve-witness.ts';
export type { WitnessAnswer, WitnessCode } from './witness/witness-answer.ts';
