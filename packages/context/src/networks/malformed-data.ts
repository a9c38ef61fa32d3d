// The refusals of network data that cannot be used.

import { CodedError } from '@countersign/vocabulary';

export type NetworkDataCode = 'network_data_malformed' | 'network_data_unknown_schema';

export function malformed(detail: string, cause?: unknown): CodedError<NetworkDataCode> {
  const message = `The network data cannot be used: ${detail}.`;
  return new CodedError('network_data_malformed', message, cause === undefined ? {} : { cause });
}
