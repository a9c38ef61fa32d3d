// Data touched: 6005 Datastore Activity for what lies in a mailbox, bucket or table, 6006 File Hosting
// for files, folders and sites. One event is one item: "what was read" is answered by counting them.

import type { CountersignEvent } from '@countersign/vocabulary';
import {
  describeActor,
  describeStatus,
  type Mapper,
  requireEndpoint,
  type Shared,
} from './class-parts.ts';
import { describeHttpRequest } from './describe-parts.ts';
import type { DatastoreActivity, FileHostingActivity } from './schema/ocsf-classes.ts';
import type { OcsfDatabucket, OcsfFile } from './schema/ocsf-objects.ts';

export const mapDatastore: Mapper<DatastoreActivity> = (event, shared) => ({
  ...opening(event, shared),
  class_uid: 6005,
  count: event.count,
  databucket: describeBucket(event),
  ...closing(event, shared),
  type: 'Databucket',
  type_id: 2,
  type_uid: shared.typeUid,
  unmapped: shared.unmapped,
});

export const mapFile: Mapper<FileHostingActivity> = (event, shared) => ({
  ...opening(event, shared),
  class_uid: 6006,
  count: event.count,
  file: describeFile(event),
  ...closing(event, shared),
  type_uid: shared.typeUid,
  unmapped: shared.unmapped,
});

function opening(event: CountersignEvent, { eventClass }: Shared) {
  return {
    activity_id: eventClass.activityId,
    activity_name: eventClass.activityName,
    actor: describeActor(event),
    category_uid: 6 as const,
  };
}

function closing(event: CountersignEvent, shared: Shared) {
  return {
    http_request: describeHttpRequest(event),
    message: shared.message,
    metadata: shared.metadata,
    severity: shared.severity,
    severity_id: shared.severityId,
    src_endpoint: requireEndpoint(event),
    ...describeStatus(event, shared),
    time: event.timeMs,
  };
}

const BUCKETS: Readonly<Record<string, string>> = {
  mail: 'Mailbox',
  row: 'Table',
  object: 'Bucket',
  secret: 'Vault',
};

/** The container; the item in it is in our extension, for OCSF has one place and not two. */
function describeBucket({ item, subject }: CountersignEvent): OcsfDatabucket {
  return {
    name: item?.in ?? subject ?? 'unknown',
    type: BUCKETS[item?.kind ?? ''] ?? 'Other',
    type_id: 99,
  };
}

const FOLDER = 2;
const REGULAR_FILE = 1;
const OTHER_FILE = 99;

function describeFile({ item }: CountersignEvent): OcsfFile {
  const kind = item?.kind;
  return {
    name: item?.name ?? item?.id ?? 'unknown',
    parent_folder: item?.in,
    type: kind === 'site' ? 'Site' : undefined,
    type_id: kind === 'folder' ? FOLDER : kind === 'site' ? OTHER_FILE : REGULAR_FILE,
    uid: item?.id,
  };
}
