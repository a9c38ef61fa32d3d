// An Okta event under the names that public rules use (reference: detection §2, audit §6.3), beside the
// raw one: what came in lower case as Okta spells it, and truth values as the text that rules write.

import { asText } from '../reading/name-values.ts';
import { type LooseObject, memberOf } from '../reading/read-text.ts';
import { readOkta } from './read-okta.ts';

/** Only the aliases; a name that the record itself has is not replaced. */
export function viewOkta(given: LooseObject): Record<string, string> {
  const { record, security, debug } = readOkta(given);
  const view: Record<string, string> = {};
  const set = (name: string, value: unknown): void => {
    const text = asText(value);
    if (text !== undefined && !Object.hasOwn(given, name)) view[name] = text;
  };
  for (const name of ['eventType', 'legacyEventType', 'displayMessage']) {
    set(name, memberOf(record, name));
  }
  const proxy = memberOf(security, 'isProxy');
  if (typeof proxy === 'boolean') view['securityContext.isProxy'] = String(proxy);
  // Text that is no JSON, and text that is: rules ask whether it contains `POSITIVE`.
  for (const name of ['behaviors', 'risk', 'logOnlySecurityData', 'threatDetections']) {
    const value = memberOf(debug, name);
    if (typeof value !== 'string') set(`debugContext.debugData.${name}`, value);
  }
  return view;
}
