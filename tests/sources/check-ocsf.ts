// Holds what a source maps against the OCSF schema, as it will be stored: with the ids, the tenant and
// the raw text that the recorder adds.

import type { MappedRecord } from '@countersign/sources';
import { OcsfSchema, ocsfSchemaIsHere } from '../../packages/audit/src/testing/ocsf-schema.ts';

export { ocsfSchemaIsHere };

let schema: OcsfSchema | undefined;

/** The faults of a mapped record against its OCSF class; empty when it is valid. */
export function ocsfProblems(mapped: MappedRecord): string[] {
  schema ??= new OcsfSchema();
  const { metadata = {}, unmapped = {}, ...rest } = mapped.ocsf as Record<string, object>;
  return schema.problems(
    // What JSON leaves out is not there.
    JSON.parse(
      JSON.stringify({
        ...rest,
        metadata: {
          ...metadata,
          logged_time: mapped.timeMs,
          tenant_uid: 'acme',
          uid: '01a0c4de-8f5e-8a21-9b1c-5f1d2c3b4a60',
        },
        raw_data: '{}',
        raw_data_hash: { algorithm_id: 3, value: '0'.repeat(64) },
        unmapped: { ...unmapped, countersign: { activity: mapped.facts } },
      }),
    ),
  );
}
