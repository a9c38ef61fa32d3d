export { openStore, type StoreOptions } from './open-store.ts';
export type { StorageCode } from './storage-error.ts';
export {
  bindQuery,
  type Migration,
  type Store,
  type StoreLimits,
  type WriteOutcome,
} from './store.ts';
