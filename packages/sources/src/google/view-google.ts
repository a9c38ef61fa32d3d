// Events of Google Workspace and Google Cloud under the names that public rules use (reference: detection
// §2, audit §6.5), beside the raw ones. Rules were written for Cloud Logging; feeds come from elsewhere.

import { type LooseObject, memberOf, objectOf, textOf } from '../reading/read-text.ts';
import { isActivity, readActivities } from './read-activity.ts';

type View = Record<string, string | string[]>;

/** One view for each event of the record. Only the aliases. */
export function viewGoogle(given: LooseObject): View[] {
  if (!isActivity(given)) return [viewOf(given, viewCloud(given))];
  return readActivities(given).map(({ application, name, parameters }) => {
    const view: View = {
      eventService: `${application}.googleapis.com`,
      eventName: name,
      'protoPayload.serviceName': `${application}.googleapis.com`,
      'protoPayload.metadata.event.eventName': name,
    };
    for (const [parameter, value] of parameters.values) {
      if (typeof value === 'string') view[parameter] ??= value;
      else if (Array.isArray(value)) {
        const texts = value.filter((one) => typeof one === 'string');
        if (texts.length > 0) view[parameter] ??= texts;
      }
    }
    return viewOf(given, view);
  });
}

function viewCloud(given: LooseObject): View {
  const payload = objectOf(memberOf(given, 'protoPayload'));
  const method = textOf(memberOf(payload, 'methodName'));
  const service = textOf(memberOf(payload, 'serviceName'));
  return {
    ...(method === undefined ? {} : { 'gcp.audit.method_name': method }),
    ...(service === undefined ? {} : { 'gcp.audit.service_name': service }),
  };
}

/** Everything is also readable under `data.`, as some rules have it. */
function viewOf(given: LooseObject, view: View): View {
  const known = Object.entries(view).filter(([name]) => !Object.hasOwn(given, name));
  return Object.fromEntries([
    ...known,
    ...Object.entries(view).map(([name, one]) => [`data.${name}`, one]),
  ]);
}
