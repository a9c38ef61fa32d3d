// An ECS event out of what brought it, and its members by their dotted names.

import { type LooseObject, memberOf } from '../reading/read-text.ts';

export function isEcsRecord(given: LooseObject): boolean {
  const record = openHit(given);
  if (!Object.hasOwn(record, '@timestamp')) return false;
  if (Object.hasOwn(record, 'ecs.version') || Object.hasOwn(record, 'event.category')) return true;
  const [ecs, event] = [memberOf(record, 'ecs'), memberOf(record, 'event')];
  if (typeof ecs === 'object' && ecs !== null) return Object.hasOwn(ecs, 'version');
  return (
    typeof event === 'object' &&
    event !== null &&
    (Object.hasOwn(event, 'category') || Object.hasOwn(event, 'dataset'))
  );
}

export function openHit(given: LooseObject): LooseObject {
  const source = memberOf(given, '_source');
  return typeof source === 'object' && source !== null && Object.hasOwn(given, '_index')
    ? (source as LooseObject)
    : given;
}

/** A value by its dotted name, written with dots, nested, or nested in part; of a list the first. */
export function ecsValue(record: LooseObject, path: string): unknown {
  if (Object.hasOwn(record, path)) return firstOf(record[path]);
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const inner = memberOf(record, path.slice(0, dot));
    if (typeof inner !== 'object' || inner === null) continue;
    const found = ecsValue(inner as LooseObject, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}
