export type { Act, ActKind, Aliases, KeptAct } from './acts/act.ts';
export type { ActBook, ActQuery } from './acts/act-book.ts';
export type { Cursors } from './held/follow-cursors.ts';
export { keepMemory, type Memory } from './keep-memory.ts';
export type { HashedValue, KeyBook, TenantKeys } from './keys/key-book.ts';
export type { MemoryCode } from './memory-error.ts';
export {
  type ActMemory,
  type Codec,
  defaultMemoryLimits,
  type MemoryLimits,
  type MemoryOptions,
  type Shapes,
} from './memory-options.ts';
export { memoryMigrations } from './migrations.ts';
export type { KeptModel, ModelBook, ModelRole } from './models/model-book.ts';
export type { KeptPolicy, PolicyBook } from './models/policy-book.ts';
export type { Alongside, People, PersonsMemory } from './people/keep-people.ts';
export type { StandingOf, Standings } from './people/list-standings.ts';
export type { RolledBack } from './people/roll-back-realm.ts';
export type { MemoryTables } from './tables.ts';
