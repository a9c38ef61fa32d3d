// Google Workspace Reports: activities of each application, the newest first, on pages that a token
// leads to. Records turn up hours late.

import type { ServicePage } from './ask-page.ts';
import { pullError } from './pull-error.ts';
import type { Feed } from './pull-windows.ts';

export function googleReports(base: string, application: string): Feed {
  const start: Feed['start'] = ({ fromMs, toMs }) => {
    const query = new URLSearchParams({
      startTime: new Date(fromMs).toISOString(),
      endTime: new Date(toMs).toISOString(),
      maxResults: '1000',
    });
    const name = encodeURIComponent(application);
    return `${base}/admin/reports/v1/activity/users/all/applications/${name}?${query}`;
  };
  return {
    start,
    async *read({ body }: ServicePage, window) {
      // Without any activity there is no `items` at all.
      const { items = [], nextPageToken: token } = body as Record<string, unknown>;
      if (!Array.isArray(items))
        throw pullError('source_broken', 'Reports answered without a list.');
      yield { records: items };
      if (typeof token !== 'string' || token === '') return undefined;
      return `${start(window)}&pageToken=${encodeURIComponent(token)}`;
    },
  };
}
