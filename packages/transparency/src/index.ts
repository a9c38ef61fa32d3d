export type { DiskFile, LogDisk } from './disk/log-disk.ts';
export { nodeDisk } from './disk/node-disk.ts';
export { type FsckOptions, fsckLog } from './fsck/fsck-log.ts';
export type { FsckCode, FsckFinding, FsckReport } from './fsck/fsck-report.ts';
export type { KeyCost } from './identity/derive-wrapping-key.ts';
export { inheritedLock, LOCK_FILE } from './identity/hold-writer-lock.ts';
export { logKeyPath } from './identity/log-identity.ts';
export { type LogKey, type LogKeyRole, openLogKeyFile } from './identity/log-key-file.ts';
export { type OpenLogOptions, openLog } from './log/open-log.ts';
export type { LogLimits, LogStatus, TransparencyLog } from './log/transparency-log.ts';
export { LogPromises } from './log-set/log-promises.ts';
export { LogPulse, type LogPulseOptions } from './log-set/log-pulse.ts';
export {
  createLogSet,
  type LogSet,
  type LogSetMember,
  type LogSetOptions,
} from './log-set/log-set.ts';
export { answerRequests, type NotaryKeys, type NotaryRequest } from './pipe/answer-requests.ts';
export { createNotaryClient, type NotaryClient, type SignedHead } from './pipe/notary-client.ts';
export type { EntryPage, LogSizes } from './pipe/notary-ops.ts';
export { createRelay, type RelayOptions } from './pipe/relay-requests.ts';
export { checkTileBytes } from './tiles/check-tile-bytes.ts';
export {
  proveFromTiles,
  proveGrowthFromTiles,
  readBundle,
  readHashTile,
  type TileFetcher,
} from './tiles/read-tiles.ts';
export { formatTilePath, parseTilePath, TILE_WIDTH, type TilePlace } from './tiles/tile-path.ts';
export type { LogRefusal, RequestRefusal, TransparencyCode } from './transparency-error.ts';
