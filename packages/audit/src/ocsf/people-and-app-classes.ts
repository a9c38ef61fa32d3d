// Classes of events about people, apps, what they may do, and the data they touch.

import type { EventName } from '@countersign/vocabulary';
import { type EventClass, entity } from './class-kinds.ts';

export const peopleAndAppClasses = {
  'account.created': account(1, 'Account created', 'An account was made.'),
  'account.changed': {
    ...account(99, 'Account changed', 'An account, or a way to sign in to it, was changed.'),
    operations: {
      enabled: 2,
      password_changed: 3,
      password_reset: 4,
      disabled: 5,
      locked: 9,
      factor_enrolled: 10,
      factor_removed: 11,
      unlocked: 12,
    },
  },
  'account.removed': account(6, 'Account removed', 'An account was removed.'),
  'role.changed': {
    classUid: 3005,
    activityId: 99,
    activityName: 'Role changed',
    severity: 'medium',
    message: 'A role of a person or app was changed.',
    operations: { granted: 1, revoked: 2 },
  },
  'group.changed': {
    classUid: 3006,
    activityId: 99,
    activityName: 'Group changed',
    severity: 'info',
    message: 'A group, or who is in it, was changed.',
    operations: {
      privileges_granted: 1,
      privileges_revoked: 2,
      user_added: 3,
      user_removed: 4,
      removed: 5,
      created: 6,
    },
  },
  'operator.created': {
    ...entity(1, 'Operator created', 'A person may now administer this installation.'),
    severity: 'medium',
  },
  'operator.ended': {
    ...entity(4, 'Operator ended', 'A person may no longer administer this installation.'),
    severity: 'medium',
  },
  'tenant.created': entity(1, 'Tenant created', 'A tenant was made.'),
  'client.created': entity(1, 'Client created', 'An app was registered.'),
  'client.changed': {
    ...entity(3, 'Client changed', 'An app, its secret, certificate or redirect URI was changed.'),
    severity: 'low',
    operations: { enabled: 8, disabled: 9 },
  },
  'client.removed': entity(4, 'Client removed', 'An app was removed.'),
  'consent.granted': entity(1, 'Consent granted', 'A person let an app act for them.'),
  'consent.withdrawn': entity(
    4,
    'Consent withdrawn',
    'A person no longer lets an app act for them.',
  ),
  'federation.changed': {
    ...entity(3, 'Federation changed', 'Trust in another issuer was changed.'),
    severity: 'medium',
    operations: { created: 1, removed: 4 },
  },
  'policy.changed': {
    ...entity(3, 'Policy changed', 'A policy was changed.'),
    severity: 'low',
    operations: { created: 1, removed: 4 },
  },
  'app.first_seen': {
    classUid: 2004,
    activityId: 1,
    activityName: 'Create',
    severity: 'medium',
    message: 'An app touched a kind of data it never touched before.',
  },
  // A file is another class than a mail or a row: see place-event.ts.
  'data.accessed': {
    classUid: 6005,
    activityId: 99,
    activityName: 'Data accessed',
    severity: 'info',
    message: 'Data was read, sent or changed.',
    operations: { read: 1, update: 2, search: 4, write: 5, create: 6, delete: 7, list: 8 },
  },
} satisfies Partial<Record<EventName, EventClass>>;

function account(activityId: number, activityName: string, message: string): EventClass {
  return { classUid: 3001, activityId, activityName, severity: 'info', message };
}
