// Class and activity of one event: most names have one class, but data is a file, or a mailbox or
// table, and one name may stand for several operations.

import type { CountersignEvent } from '@countersign/vocabulary';
import type { EventClass } from './class-kinds.ts';
import { eventClasses } from './event-classes.ts';

const HOSTED_FILES: ReadonlySet<string> = new Set(['file', 'folder', 'site']);

const FILE_OPERATIONS: Readonly<Record<string, number>> = {
  upload: 1,
  create: 1,
  download: 2,
  export: 2,
  update: 3,
  write: 3,
  delete: 4,
  preview: 9,
  share: 12,
  read: 14,
  sync: 15,
};

/** The class of the event, with the activity of its operation. */
export function placeEvent({ name, item, operation }: CountersignEvent): EventClass {
  const given = eventClasses[name];
  const placed: EventClass =
    name === 'data.accessed' && item !== undefined && HOSTED_FILES.has(item.kind)
      ? { ...given, classUid: 6006, operations: FILE_OPERATIONS }
      : given;
  const { operations } = placed;
  if (
    operations === undefined ||
    operation === undefined ||
    !Object.hasOwn(operations, operation)
  ) {
    return placed;
  }
  return { ...placed, activityId: operations[operation]! };
}
