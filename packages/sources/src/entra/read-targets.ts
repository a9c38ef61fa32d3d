// What an audit of Entra was about: targets with their changed properties, whose values are JSON text,
// often quoted twice (`"\"x\""`), or null.

import { memberOf, objectsOf, textOf } from '../reading/read-text.ts';
import { unquote } from '../reading/unquote.ts';
import type { EntraRecord } from './open-entra-record.ts';

export interface PropertyChange {
  name: string;
  before?: string;
  after?: string;
}

export interface Target {
  id?: string | undefined;
  type?: string | undefined;
  name?: string | undefined;
  upn?: string | undefined;
  changes: PropertyChange[];
}

const MOST_TARGETS = 1000;
const MOST_CHANGES = 1000;

export function readTargets(record: EntraRecord): Target[] {
  return objectsOf(record.get('targetResources'))
    .slice(0, MOST_TARGETS)
    .map((target) => ({
      id: textOf(memberOf(target, 'id')),
      type: textOf(memberOf(target, 'type')),
      name: textOf(memberOf(target, 'displayName')),
      upn: textOf(memberOf(target, 'userPrincipalName')),
      changes: objectsOf(memberOf(target, 'modifiedProperties'))
        .slice(0, MOST_CHANGES)
        .flatMap((change) => {
          const name = textOf(memberOf(change, 'displayName'));
          if (name === undefined) return [];
          const before = unquote(textOf(memberOf(change, 'oldValue')));
          const after = unquote(textOf(memberOf(change, 'newValue')));
          return [
            {
              name,
              ...(before === undefined ? {} : { before }),
              ...(after === undefined ? {} : { after }),
            },
          ];
        }),
    }));
}

export function changesOf(targets: readonly Target[]): PropertyChange[] {
  return targets.flatMap(({ changes }) => changes).slice(0, MOST_CHANGES);
}

export function changeIn(targets: readonly Target[], name: string): PropertyChange | undefined {
  const folded = name.toLowerCase();
  return changesOf(targets).find((change) => change.name.toLowerCase() === folded);
}
