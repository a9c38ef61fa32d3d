// Microsoft Graph: sign-ins of all four kinds, and directory audits. Pages follow `@odata.nextLink`; an
// empty page may have one.

import type { ServicePage } from './ask-page.ts';
import { pullError } from './pull-error.ts';
import type { Feed } from './pull-windows.ts';

const KINDS = ['interactiveUser', 'nonInteractiveUser', 'servicePrincipal', 'managedIdentity'];

/** Only the beta has the three kinds of sign-ins that are not of a person at a keyboard. */
export function graphSignIns(base: string): Feed {
  const kinds = KINDS.map((kind) => `t eq '${kind}'`).join(' or ');
  return graphFeed(`${base}/beta/auditLogs/signIns`, 'createdDateTime', [
    `signInEventTypes/any(t: ${kinds})`,
  ]);
}

export function graphAudits(base: string): Feed {
  return graphFeed(`${base}/v1.0/auditLogs/directoryAudits`, 'activityDateTime', []);
}

function graphFeed(address: string, time: string, more: readonly string[]): Feed {
  return {
    start({ fromMs, toMs }) {
      const filter = [
        `${time} ge ${new Date(fromMs).toISOString()}`,
        `${time} lt ${new Date(toMs).toISOString()}`,
        ...more,
      ].join(' and ');
      return `${address}?${new URLSearchParams({ $filter: filter, $top: '1000' })}`;
    },
    async *read({ body }: ServicePage) {
      const { value, '@odata.nextLink': next } = body as Record<string, unknown>;
      if (!Array.isArray(value)) throw pullError('source_broken', 'Graph answered without a list.');
      yield { records: value };
      return typeof next === 'string' ? next : undefined;
    },
  };
}
