// Is the browser of a session another one, or the same after an update? A browser updates itself every
// few weeks, and a session may outlive three of them; it never goes back, and never becomes another.

import { ATTRIBUTE_INDEX, type Attribute } from '../input/attributes.ts';
import type { Sight } from './detector.ts';

const FEWEST_WITHOUT_NAMES = 2;

/** Known at the beginning of the session, and not the same now; `left out` when it is not shown any more. */
export function changeOf(sight: Sight, attribute: Attribute): 'none' | 'left out' | 'changed' {
  const began = sight.input.session?.values[ATTRIBUTE_INDEX[attribute]] ?? 0;
  const now = sight.value(attribute);
  if (!(began > 0) || began === now) return 'none';
  return now > 0 ? 'changed' : 'left out';
}

/** Another browser, system or device than the session began with, or none where there was one. */
export function isAnotherAgent(sight: Sight): boolean {
  if (changeOf(sight, 'ua') === 'left out') return true;
  if (changeOf(sight, 'ua') === 'none') return false;
  const before = sight.input.session?.labels;
  if (before === undefined) {
    const changes = (['browser', 'os', 'device'] as const).filter(
      (attribute) => changeOf(sight, attribute) === 'changed',
    );
    return changes.length >= FEWEST_WITHOUT_NAMES;
  }
  const now = sight.input.labels;
  return (
    isAnother(before.browser, now.browser) ||
    isAnother(before.os, now.os) ||
    changeOf(sight, 'device') === 'changed'
  );
}

/** The same browser in the same version does not get another TLS stack. That none is told is the proxy's doing. */
export function isAnotherStack(sight: Sight): boolean {
  if (changeOf(sight, 'ja4') !== 'changed') return false;
  return changeOf(sight, 'browser') === 'none' && changeOf(sight, 'os') === 'none';
}

/** Another name, or an older version of the same. */
function isAnother(before: string | undefined, now: string | undefined): boolean {
  if (before === undefined) return false;
  if (now === undefined) return true;
  const [one, other] = [splitVersion(before), splitVersion(now)];
  return one.name !== other.name || other.version < one.version;
}

/** "Chrome 129" is Chrome and 129. */
function splitVersion(label: string): { name: string; version: number } {
  const found = /^(?<name>.*?) ?(?<version>\d{0,6})$/u.exec(label);
  return {
    name: found?.groups?.['name'] ?? label,
    version: Number(found?.groups?.['version'] ?? 0),
  };
}
