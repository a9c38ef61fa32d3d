// Classes of events of the risk engine. A judged attempt is Authentication, so that lists of alarms stay
// lists of alarms; a detection that fired, and a person whose risk changed, are findings.

import type { EventName } from '@countersign/vocabulary';
import { call, type EventClass, finding, lifecycle, ticket } from './class-kinds.ts';

export const riskClasses = {
  'risk.assessed': ticket(99, 'Risk assessed', 'The risk of an attempt was judged.'),
  'risk.changed': finding('info', 'The risk of a person, device or workload changed.'),
  'risk.detected': finding('medium', 'An attempt showed the marks of an attack.'),
  'risk.feedback': {
    ...call(3, 'Risk feedback', 'Somebody said whether an attempt was what it seemed.'),
    severity: 'low',
  },
  'risk.model_changed': {
    ...lifecycle(8, 'Risk model changed', 'Another model judges from now on.'),
    severity: 'medium',
  },
  'risk.drifted': {
    ...lifecycle(99, 'Risk drifted', 'What is judged is no longer what the model was made for.'),
    severity: 'medium',
    failure: true,
  },
  'risk.rolled_back': {
    ...lifecycle(8, 'Risk memory rolled back', 'Profiles were set back to before an incident.'),
    severity: 'medium',
  },
} satisfies Partial<Record<EventName, EventClass>>;
