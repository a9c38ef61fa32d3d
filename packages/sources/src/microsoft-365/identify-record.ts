// Whether a record is one of the unified audit log, and what makes it the same when it is exported twice.

import type { JsonObject } from '../map-record.ts';
import { digestRecord } from '../reading/digest-record.ts';
import type { AuditRecord } from './open-record.ts';

/** In the spelling of the API and in lower case; exports may be either. */
export function isMicrosoft365(record: JsonObject): boolean {
  const has = (name: string): boolean =>
    Object.hasOwn(record, name) || Object.hasOwn(record, name.toLowerCase());
  if (has('AuditData')) return has('Operation') || has('Operations') || has('RecordType');
  if (has('OfficeWorkload')) return has('Operation');
  if (record['Type'] === 'OfficeActivity') return true;
  if (!has('Operation') || !(has('CreationTime') || has('CreationDate'))) return false;
  return has('Workload') || has('RecordType');
}

/** `Id`, whatever its case and the wrapping; exports repeat records. Without one, the record itself. */
export function recordKey(record: AuditRecord, given: JsonObject): string {
  return record.text('Id')?.toLowerCase() ?? digestRecord(given);
}
