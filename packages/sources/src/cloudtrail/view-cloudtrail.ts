// A CloudTrail record under the names that public rules use (reference: detection §2, audit §6.4), beside
// the raw one: parameters and answers also as text, because rules ask whether they contain something.

import { asText } from '../reading/name-values.ts';
import { type LooseObject, memberOf } from '../reading/read-text.ts';
import { readCloudTrail } from './read-cloudtrail.ts';

/** Only the aliases; a name that the record itself has is not replaced. Secrets are masked. */
export function viewCloudTrail(given: LooseObject): Record<string, string> {
  const { record, request, response } = readCloudTrail(given);
  const view: Record<string, string> = {};
  const set = (name: string, value: unknown): void => {
    const text = asText(value);
    if (text !== undefined) view[name] = text;
  };
  set('requestParameters', request);
  set('responseElements', unescapePolicies(asText(response)));
  for (const name of ['eventSource', 'eventName', 'errorCode', 'userAgent', 'sourceIPAddress']) {
    if (!Object.hasOwn(given, name)) set(name, memberOf(record, name));
  }
  return view;
}

/** Policies are URL-encoded in answers, and plain in requests: rules know the plain text. */
function unescapePolicies(text: string | undefined): string | undefined {
  if (text?.includes('%7B') !== true) return text;
  return text.replace(/%7B[^"]*/g, (policy) => {
    try {
      return decodeURIComponent(policy);
    } catch {
      return policy;
    }
  });
}
