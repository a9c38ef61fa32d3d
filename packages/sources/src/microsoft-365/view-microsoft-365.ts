// The record under the names that public rules use (reference: detection §2, audit §6.1): beside the raw
// one, never instead of it. Rules name one fact six ways, and match nothing in records as delivered.

import { nameValuesOf } from '../reading/name-values.ts';
import { textOf } from '../reading/read-text.ts';
import { openRecord } from './open-record.ts';

type View = Record<string, string>;

/** Names that public rules give an operation, besides `Operation`. */
const OPERATION_NAMES = [
  ...(['eventName', 'OperationName', 'operationName'] as const),
  ...(['ActivityDisplayName', 'properties.message'] as const),
];

/** For matching: a trailing dot and blanks around it are not part of an operation's name. */
function trimOperation(operation: string): string {
  return operation.trim().replace(/\.$/, '').trim();
}

/** Only the aliases; a name that the record itself has, in any wrapping, is not replaced. */
export function viewMicrosoft365(given: Readonly<Record<string, unknown>>): View {
  const record = openRecord(given);
  const view: View = {};
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined && !Object.hasOwn(record.data, name)) view[name] ??= value;
  };
  // Names of properties first become names of the record, as the rules expect of a sign-in.
  for (const bag of ['ExtendedProperties', 'DeviceProperties', 'OperationProperties']) {
    for (const [name, value] of nameValuesOf(record.get(bag))) {
      if (name !== '__proto__') set(name, value);
    }
  }
  const alert = record.text('RecordType') === '40';
  const named = alert ? record.text('Name') : undefined;
  const operation = record.text('Operation');
  set('eventSource', record.text('Workload'));
  for (const name of OPERATION_NAMES) {
    set(name, named ?? (operation === undefined ? undefined : trimOperation(operation)));
  }
  const status = record.text('ResultStatus') ?? (alert ? 'success' : undefined);
  set('status', status);
  set('Status', status);
  set('ResultType', textOf(record.get('ErrorNumber')) ?? view['ErrorNumber']);
  set('ResultDescription', record.text('LogonError') ?? view['LogonError']);
  // In an export and in lower case the record's own names are lifted too.
  for (const name of LIFTED) set(name, record.text(name));
  return view;
}

const LIFTED = [
  ...(['Operation', 'Workload', 'RecordType', 'UserId', 'ResultStatus', 'ClientIP'] as const),
  ...(['ObjectId', 'AppId', 'ClientAppId', 'OrganizationId', 'Name'] as const),
];
