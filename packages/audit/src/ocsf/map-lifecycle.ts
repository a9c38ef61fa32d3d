// 6002 Application Lifecycle: parts of the house, connectors, detectors and verifiers that start, stop,
// change or fall behind.

import type { CountersignEvent } from '@countersign/vocabulary';
import { describeStatus, type Mapper } from './class-parts.ts';
import type { ApplicationLifecycle } from './schema/ocsf-classes.ts';
import type { OcsfProduct } from './schema/ocsf-objects.ts';

export const mapLifecycle: Mapper<ApplicationLifecycle> = (event, shared, stamp) => ({
  activity_id: shared.eventClass.activityId,
  activity_name: shared.eventClass.activityName,
  app: describeApp(event, stamp.product),
  category_uid: 6,
  class_uid: 6002,
  count: event.count,
  message: shared.message,
  metadata: shared.metadata,
  severity: shared.severity,
  severity_id: shared.severityId,
  ...describeStatus(event, shared),
  time: event.timeMs,
  type_uid: shared.typeUid,
  unmapped: shared.unmapped,
});

/** What the event is about: the item, else the verifier that reported, else the house itself. */
function describeApp(
  { item, verifier }: CountersignEvent,
  product: { name: string; version: string },
): OcsfProduct {
  if (item !== undefined) return { name: item.name ?? item.kind, uid: item.id };
  if (verifier !== undefined) return { name: verifier.name, version: verifier.version };
  return { name: product.name, version: product.version };
}
