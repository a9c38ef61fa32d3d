// What categories and types of ECS mean in OCSF.

import type { ActivityFacts } from '@countersign/vocabulary';
import type { ForeignClass } from '../ocsf/draft-event.ts';

export interface EcsMeaning {
  classUid: ForeignClass;
  activityId: number;
  kind: ActivityFacts['kind'];
  recognised: boolean;
}

const KNOWN: ReadonlySet<string> = new Set([
  ...['api', 'web', 'network', 'process', 'host', 'email', 'package', 'registry', 'vulnerability'],
  ...['threat', 'malware', 'intrusion_detection', 'library', 'driver', 'database'],
]);

export function ecsMeaningOf(category: string, type: string, action: string): EcsMeaning {
  const by = (rows: Readonly<Record<string, number>>, other: number): number => rows[type] ?? other;
  const known = { recognised: true } as const;
  switch (category) {
    case 'authentication':
      return {
        classUid: 3002,
        activityId: by({ start: 1, end: 2 }, 1),
        kind: type === 'end' ? 'revocation' : 'sign_in',
        ...known,
      };
    case 'session':
      return {
        classUid: 3002,
        activityId: by({ start: 1, end: 2 }, 99),
        kind: type === 'end' ? 'revocation' : type === 'start' ? 'sign_in' : 'other',
        ...known,
      };
    case 'iam':
      if (type === 'group' || /group/i.test(action)) {
        return {
          classUid: 3006,
          activityId: /add/i.test(action) ? 3 : /remove/i.test(action) ? 4 : 99,
          kind: 'change',
          ...known,
        };
      }
      return {
        classUid: 3001,
        activityId: by({ creation: 1, deletion: 6 }, 99),
        kind: 'change',
        ...known,
      };
    case 'configuration':
      return {
        classUid: 3004,
        activityId: by({ creation: 1, access: 2, change: 3, deletion: 4 }, 99),
        kind: 'change',
        ...known,
      };
    case 'file':
      return {
        classUid: 6006,
        activityId: by({ access: 14, creation: 1, change: 3, deletion: 4 }, 99),
        kind: type === 'access' ? 'access' : 'change',
        ...known,
      };
    default:
      return {
        classUid: 6003,
        activityId: by({ creation: 1, access: 2, info: 2, change: 3, deletion: 4 }, 99),
        kind: type === 'access' ? 'access' : 'other',
        recognised: KNOWN.has(category),
      };
  }
}
