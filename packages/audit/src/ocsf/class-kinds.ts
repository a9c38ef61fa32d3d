// What an OCSF class and activity is to us, and short ways to write one down. Activity 99 ("Other")
// carries our own activity name; where a class has an activity for an operation, that one is taken.

import type { Severity } from '@countersign/vocabulary';

export const OCSF_VERSION = '1.8.0';

export type OcsfClass =
  | 2004
  | 2005
  | 3001
  | 3002
  | 3003
  | 3004
  | 3005
  | 3006
  | 6002
  | 6003
  | 6005
  | 6006;

export interface EventClass {
  classUid: OcsfClass;
  activityId: number;
  activityName: string;
  /** When the event itself names none. */
  severity: Severity;
  /** True when the event reports that something was refused or went wrong. */
  failure?: boolean;
  /** One sentence for a person, used when the event brings none. */
  message: string;
  /** Activities of this class for the operations of this event; others stay `activityId`. */
  operations?: Readonly<Record<string, number>>;
}

/** Authentication. */
export function ticket(activityId: number, activityName: string, message: string): EventClass {
  return { classUid: 3002, activityId, activityName, severity: 'info', message };
}

/** Entity Management. */
export function entity(activityId: number, activityName: string, message: string): EventClass {
  return { classUid: 3004, activityId, activityName, severity: 'info', message };
}

/** Detection Finding. */
export function finding(severity: Severity, message: string): EventClass {
  return { classUid: 2004, activityId: 1, activityName: 'Create', severity, message };
}

/** API Activity. */
export function call(activityId: number, activityName: string, message: string): EventClass {
  return { classUid: 6003, activityId, activityName, severity: 'info', message };
}

/** Application Lifecycle: a part of the house, a connector, a detector. */
export function lifecycle(activityId: number, activityName: string, message: string): EventClass {
  return { classUid: 6002, activityId, activityName, severity: 'info', message };
}

export type SeverityId = 1 | 2 | 3 | 4 | 5;

const SEVERITY_IDS: Readonly<Record<Severity, SeverityId>> = {
  info: 1,
  low: 2,
  medium: 3,
  high: 4,
  critical: 5,
};

export function severityId(severity: Severity): SeverityId {
  return SEVERITY_IDS[severity];
}

export const SEVERITY_CAPTIONS: Readonly<Record<Severity, string>> = {
  info: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'Critical',
};
