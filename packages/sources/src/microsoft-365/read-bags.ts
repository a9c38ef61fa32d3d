// The lists of names and values in a record, each as a map: what they say is found by name, whatever
// the wrapping, and can be searched in the stored event.

import { type NameValues, nameValuesOf } from '../reading/name-values.ts';
import { listOf } from '../reading/read-text.ts';
import type { AuditRecord } from './open-record.ts';
import { readEventData } from './read-event-data.ts';
import { type Change, readChanges, readParameters } from './read-parameters.ts';

export interface Bags {
  extended: NameValues;
  device: NameValues;
  operation: NameValues;
  parameters: NameValues;
  changes: Change[];
  eventData: ReadonlyMap<string, string>;
}

export function readBags(record: AuditRecord): Bags {
  return {
    extended: nameValuesOf(record.get('ExtendedProperties')),
    device: nameValuesOf(record.get('DeviceProperties')),
    operation: nameValuesOf(record.get('OperationProperties')),
    parameters: readParameters(record.get('Parameters')),
    changes: readChanges(listOf(record.get('ModifiedProperties'))),
    eventData: readEventData(record.text('EventData')),
  };
}

/** What the stored event keeps of them; empty ones are left out. */
export function showBags(bags: Bags): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  const show = (name: string, map: ReadonlyMap<string, string>): void => {
    if (map.size > 0) shown[name] = Object.fromEntries(map);
  };
  show('extended_properties', bags.extended);
  // One of them is JSON text of more of them.
  show('additional_details', nameValuesOf(bags.extended.get('additionalDetails')));
  show('device_properties', bags.device);
  show('operation_properties', bags.operation);
  show('parameters', bags.parameters);
  show('event_data', bags.eventData);
  if (bags.changes.length > 0) shown['modified_properties'] = bags.changes;
  return shown;
}

/** A changed property, before or after; names are compared without case. */
export function changeOf(bags: Bags, name: string): Change | undefined {
  const folded = name.toLowerCase();
  return bags.changes.find((change) => change.name.toLowerCase() === folded);
}
