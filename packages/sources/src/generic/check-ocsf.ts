// Whether an event may pass as OCSF 1.x as it is: the attributes every class has, and that they agree
// with each other. What follows from others is filled in; what is not known is not guessed.

import { type LooseObject, memberOf, numberOf, objectOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';

/** Ids of the classes of 1.0 to 1.8, as ranges within a category. */
const CLASSES: readonly (readonly [number, number])[] = [
  [1001, 1010],
  [2001, 2008],
  [3001, 3006],
  [4001, 4014],
  [5001, 5004],
  [5006, 5040],
  [6001, 6008],
  [7001, 7004],
  [8001, 8002],
];
/** The Windows extension has an id of its own in front. */
const EXTENDED: ReadonlySet<number> = new Set([
  ...[201001, 201002, 201003, 201004, 205004, 205005, 205019],
]);
const SEVERITIES: ReadonlySet<unknown> = new Set([0, 1, 2, 3, 4, 5, 6, 99]);

export interface CheckedOcsf {
  /** What must be set for the event to be whole; empty when it is. */
  filled: Record<string, unknown>;
  classUid: number;
  activityId: number;
  timeMs: number;
}

/** True for what only OCSF has: a class, and metadata with a version. */
export function looksLikeOcsf(record: LooseObject): boolean {
  const metadata = memberOf(record, 'metadata');
  return (
    Number.isSafeInteger(memberOf(record, 'class_uid')) &&
    typeof metadata === 'object' &&
    metadata !== null &&
    /^1\.\d/.test(String(memberOf(metadata as LooseObject, 'version')))
  );
}

/** Undefined when it is no event of a class that OCSF has. */
export function checkOcsf(record: LooseObject): CheckedOcsf | undefined {
  const classUid = numberOf(memberOf(record, 'class_uid'));
  const activityId = numberOf(memberOf(record, 'activity_id')) ?? activityIn(record, classUid);
  if (classUid === undefined || activityId === undefined || !isClass(classUid)) return undefined;
  if (activityId < 0 || activityId > 99) return undefined;
  const metadata = objectOf(memberOf(record, 'metadata'));
  const product = objectOf(memberOf(metadata, 'product'));
  const named = textOf(memberOf(product, 'name')) ?? textOf(memberOf(product, 'uid'));
  if (named === undefined) return undefined;
  const time = memberOf(record, 'time');
  const timeMs = timeMsOf(time) ?? timeMsOf(memberOf(record, 'time_dt'));
  if (timeMs === undefined) return undefined;
  const category = Math.floor((classUid % 100_000) / 1000);
  const filled: Record<string, unknown> = {};
  if (memberOf(record, 'activity_id') !== activityId) filled['activity_id'] = activityId;
  if (memberOf(record, 'category_uid') !== category) filled['category_uid'] = category;
  const typeUid = classUid * 100 + activityId;
  if (memberOf(record, 'type_uid') !== typeUid) filled['type_uid'] = typeUid;
  if (!SEVERITIES.has(memberOf(record, 'severity_id'))) filled['severity_id'] = 0;
  if (time !== timeMs) filled['time'] = timeMs;
  return { filled, classUid, activityId, timeMs };
}

function isClass(uid: number): boolean {
  if (uid === 0 || EXTENDED.has(uid)) return true;
  return CLASSES.some(([first, last]) => uid >= first && uid <= last);
}

function activityIn(record: LooseObject, classUid: number | undefined): number | undefined {
  const typeUid = numberOf(memberOf(record, 'type_uid'));
  if (typeUid === undefined || classUid === undefined) return undefined;
  return Math.floor(typeUid / 100) === classUid ? typeUid % 100 : undefined;
}
