export { type LeaseRow, type LeaseTables, storageMigrations } from './lease/lease-table.ts';
export { type Lease, type LeaseRequest, readLease, takeLease } from './lease/take-lease.ts';
export { openStore, type StoreOptions } from './open-store.ts';
export type { StorageCode } from './storage-error.ts';
export {
  bindQuery,
  type Migration,
  type Store,
  type StoreLimits,
  type WriteOutcome,
} from './store.ts';
