export {
  createLogReader,
  type LogReader,
  type LogReaderOptions,
} from './reader/log-reader.ts';
export { type PrefixProof, readInclusionProof, readPrefixProof } from './reader/read-proof.ts';
export type { WatcherCode } from './watcher-error.ts';
