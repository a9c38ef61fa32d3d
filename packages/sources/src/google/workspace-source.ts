// Google Workspace: the Reports API, normalised feeds, and the copy in Cloud Logging. It names no tokens
// or sessions: joining is by person, client, address and time.

import type { ActivityFacts, TouchedItem } from '@countersign/vocabulary';
import type { MappedRecord, Source } from '../map-record.ts';
import { draftEvent, type Outcome } from '../ocsf/draft-event.ts';
import { addSaid } from '../reading/add-said.ts';
import { foldPersons } from '../reading/fold-person.ts';
import { addressOf } from '../reading/read-address.ts';
import { describeClass } from './describe-workspace-class.ts';
import { workspaceFields } from './google-fields.ts';
import { type Activity, isActivity, readActivities } from './read-activity.ts';
import { parameterOf } from './read-parameters.ts';
import { type WorkspaceMeaning, workspaceMeaningOf } from './workspace-operations.ts';

export const workspaceSource: Source = {
  name: 'google-workspace',
  title: 'Google Workspace',
  recognises: isActivity,
  map: (record) => readActivities(record).map(mapActivity),
  fields: workspaceFields,
};

function mapActivity(activity: Activity): MappedRecord {
  const { application, name, type, parameters, timeMs } = activity;
  const meaning = workspaceMeaningOf(application, type, name);
  const outcome = outcomeOf(activity, meaning);
  const facts = factsOf(activity, meaning, outcome);
  const address = addressOf(activity.from);
  return {
    key: activity.key,
    timeMs,
    facts,
    recognised: meaning.recognised,
    ocsf: draftEvent({
      classUid: meaning.classUid,
      activityId: meaning.activityId,
      timeMs,
      message: `${name} in ${application}`,
      outcome,
      severityId: meaning.classUid === 2004 ? severityOf(activity) : undefined,
      product: { name: 'Google Workspace', vendor: 'Google' },
      logName: application,
      originalTime: activity.time,
      operation: name,
      user: { name: activity.email ?? activity.callerKey, uid: activity.profile, type: 'User' },
      app: { uid: facts.app },
      address,
      endpoint:
        address === undefined && activity.from !== undefined ? { name: activity.from } : undefined,
      userAgent: facts.userAgent,
      parts: describeClass(activity, meaning),
      unmapped: {
        google: { ...activity.rest, parameters: Object.fromEntries(parameters.values), type },
      },
    }),
  };
}

function outcomeOf({ parameters, name }: Activity, meaning: WorkspaceMeaning): Outcome {
  const status = parameterOf(parameters, 'login_challenge_status', 'saml_status_code');
  if (status !== undefined && /fail|denied|deny/i.test(status)) return 'failure';
  if (status !== undefined && /pass|success/i.test(status)) return 'success';
  return /fail|denied|blocked/i.test(name) ? 'failure' : meaning.outcome;
}

const SEVERITIES: Readonly<Record<string, number>> = { LOW: 2, MEDIUM: 3, HIGH: 4 };

function severityOf({ parameters }: Activity): number {
  return SEVERITIES[parameterOf(parameters, 'severity')?.toUpperCase() ?? ''] ?? 3;
}

function factsOf(activity: Activity, meaning: WorkspaceMeaning, outcome: Outcome): ActivityFacts {
  const { parameters, application } = activity;
  const facts: ActivityFacts = { kind: meaning.kind, outcome, operation: activity.name };
  const persons = foldPersons({ emails: [activity.email], ids: [activity.profile] });
  if (persons.length > 0) facts.persons = persons;
  const client = parameterOf(parameters, 'client_id', 'app_client_id');
  addSaid(facts, {
    app: parameterOf(parameters, 'originating_app_id', 'application_name', 'app_name') ?? client,
    client: client ?? activity.callerKey,
    device: parameterOf(parameters, 'device_id'),
    ip: addressOf(activity.from)?.ip,
    resource: application,
    tenant: activity.customer,
    userAgent: parameterOf(parameters, 'user_agent'),
  });
  if (meaning.kind === 'token' || meaning.kind === 'sign_in') facts.tokenIssuedMs = activity.timeMs;
  const item = itemOf(activity);
  if (item !== undefined) facts.items = [item];
  return facts;
}

function itemOf({ application, parameters, email }: Activity): TouchedItem | undefined {
  const file = parameterOf(parameters, 'doc_id');
  if (file !== undefined) {
    const drive = parameterOf(parameters, 'shared_drive_id', 'team_drive_id', 'owner');
    const title = parameterOf(parameters, 'doc_title');
    return {
      ...{ kind: 'file', id: file },
      ...(drive === undefined ? {} : { in: drive }),
      ...(title === undefined ? {} : { name: title }),
    };
  }
  if (application !== 'gmail') return undefined;
  const message = parameters.values.get('message_info');
  const id =
    typeof message === 'object' && 'rfc2822_message_id' in message
      ? message['rfc2822_message_id']
      : undefined;
  if (typeof id !== 'string') return undefined;
  return { kind: 'mail', id, ...(email === undefined ? {} : { in: email.toLowerCase() }) };
}
