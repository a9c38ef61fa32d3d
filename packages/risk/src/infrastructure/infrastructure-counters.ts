// Traffic of a realm by address, by /24 or /48 and by autonomous system, and of all of it: what says that
// somebody is trying, before anybody has a history.

import { ATTRIBUTE_INDEX } from '../input/attributes.ts';
import { decodeTraffic, encodeTraffic } from './traffic-bytes.ts';
import { type TrafficAct, TrafficEntry } from './traffic-entry.ts';
import { TrafficTable } from './traffic-table.ts';

export const SCOPES = ['ip', 'net', 'asn'] as const;

/** Of the scopes, in order, where they stand in `values`. */
export const SCOPE_COLUMNS = SCOPES.map((scope) => ATTRIBUTE_INDEX[scope]);

export interface InfrastructureOptions {
  /** Addresses kept; of networks half as many, of systems an eighth. Default 4,096; at least 64. */
  maxAddresses?: number;
}

export class InfrastructureCounters {
  readonly maxAddresses: number;
  readonly tables: readonly TrafficTable[];
  /** Everything, whoever it came from. */
  readonly realm = new TrafficEntry();
  /** Of the latest act. */
  second = 0;

  constructor({ maxAddresses = 4_096 }: InfrastructureOptions = {}) {
    const most = Number.isFinite(maxAddresses) ? Math.floor(maxAddresses) : 64;
    this.maxAddresses = Math.min(Math.max(most, 64), 2 ** 20);
    this.tables = [1, 2, 8].map((part) => new TrafficTable(Math.floor(this.maxAddresses / part)));
  }

  /** @throws RiskError `bad_traffic`: not bytes that `encode` made. */
  static decode(bytes: Uint8Array): InfrastructureCounters {
    return decodeTraffic(bytes, (maxAddresses) => new InfrastructureCounters({ maxAddresses }));
  }

  encode(): Uint8Array {
    return encodeTraffic(this);
  }

  /**
   * Counts one act, failures too. Acts that show no address are counted together, so that hiding one is
   * no way out.
   */
  note(values: Float64Array, act: TrafficAct): void {
    for (let scope = 0; scope < this.tables.length; scope++) {
      this.tables[scope]!.touch(values[SCOPE_COLUMNS[scope]!]!, act.second).note(act);
    }
    // What is usual of a realm is all that comes: its share of failures is what others are held against.
    this.second = Math.max(this.second, act.second);
    this.realm.note(act, true);
  }

  entry(scope: number, values: Float64Array): TrafficEntry | undefined {
    return this.tables[scope]!.get(values[SCOPE_COLUMNS[scope]!]!);
  }
}
