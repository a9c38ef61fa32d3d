export { describeSurroundings, type SurroundingTables } from './describe-surroundings.ts';
export type { ListedAs, NetworkLists } from './lists/network-lists.ts';
export type { Network, NetworkTable } from './networks/network-table.ts';
export {
  type AddressFacts,
  type AddressScope,
  type AgentFacts,
  type Anonymiser,
  type DeviceClass,
  IMPLAUSIBLE,
  type Implausible,
  MISSING,
  type Missing,
  type Surroundings,
} from './surroundings.ts';
