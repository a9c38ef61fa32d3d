export {
  type Address,
  formatAddress,
  parseAddress,
} from './address/parse-address.ts';
export { describeSurroundings, type SurroundingTables } from './describe-surroundings.ts';
export {
  joinLists,
  LIST_KINDS,
  type ListedAs,
  type ListFacts,
  type ListKind,
  type NamedList,
  type NetworkLists,
} from './lists/network-lists.ts';
export {
  LIST_LIMITS,
  type ListCode,
  parseNetwork,
  type ReadList,
  readList,
} from './lists/read-list.ts';
export { decodeNetworks } from './networks/decode-networks.ts';
export {
  encodeNetworks,
  type NetworkOrigin,
  type NetworkRanges,
} from './networks/encode-networks.ts';
export type { NetworkDataCode } from './networks/malformed-data.ts';
export type { Network, NetworkTable } from './networks/network-table.ts';
export { readHeader as readNetworkHeader } from './networks/read-header.ts';
export { SHIPPED_NETWORK_DATA } from './networks/shipped-data.ts';
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
