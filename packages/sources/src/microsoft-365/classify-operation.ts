// Which OCSF class a record becomes. Names such as `Update` mean something else in each workload; what
// nobody knows is an API activity of its own name, kept and counted.

import { findDirectoryOperation, normaliseOperation } from '../entra/directory-operations.ts';
import type { ForeignClass } from '../ocsf/draft-event.ts';
import type { AuditRecord } from './open-record.ts';
import { findWorkloadOperation, type WorkloadOperation } from './workload-operations.ts';

export interface Classified {
  classUid: ForeignClass;
  activityId: number;
  kind: 'sign_in' | 'access' | 'revocation' | 'change' | 'other';
  severityId?: number | undefined;
  recognised: boolean;
  /** It happened in a mailbox. */
  mail: boolean;
}

const MAIL_TYPES: ReadonlySet<string> = new Set([
  ...['2', '3', '50', 'exchangeitem', 'exchangeitemgroup', 'exchangeitemaggregated'],
]);
const ALERT_TYPES: ReadonlySet<string> = new Set(['40', 'securitycompliancealerts']);

export function classifyOperation(record: AuditRecord, operation: string): Classified {
  const recordType = record.text('RecordType')?.toLowerCase() ?? '';
  const workload = record.text('Workload')?.toLowerCase();
  if (ALERT_TYPES.has(recordType)) return alert(operation);
  const own = findOwn(normaliseOperation(operation), workload);
  if (own !== undefined) {
    return { ...own, recognised: true, mail: own.classUid === 6005 || MAIL_TYPES.has(recordType) };
  }
  const shared = findDirectoryOperation(operation);
  if (shared !== undefined) {
    const { classUid, activityId, severityId } = shared;
    const kind = shared.revokes ? 'revocation' : 'change';
    return { classUid, activityId, severityId, kind, recognised: true, mail: false };
  }
  const mail = MAIL_TYPES.has(recordType);
  return { classUid: 6003, activityId: 99, kind: 'other', recognised: false, mail };
}

function findOwn(folded: string, workload: string | undefined): WorkloadOperation | undefined {
  const found = findWorkloadOperation(folded);
  if (found === undefined) return undefined;
  // `Update`, `Move`, `Create` are of mailboxes only where mailboxes are.
  if (found.classUid === 6005 && workload !== undefined && workload !== 'exchange')
    return undefined;
  return found;
}

function alert(operation: string): Classified {
  const activityId = /update/i.test(operation) ? 2 : 1;
  const rest = { kind: 'other', recognised: true, mail: false } as const;
  return { classUid: 2004, activityId, severityId: 3, ...rest };
}
