// What is pulled from where. A credential is named here and lies in a file of that name in the data
// folder: it is in no setting, no table, no answer and no log.

import { z } from 'zod';
import { checkUrl, type Reach } from '../outbound/send-request.ts';
import { pullError } from './pull-error.ts';

export const PULL_KINDS = [
  ...(['graph-sign-ins', 'graph-audits', 'office-365', 'okta', 'google-reports'] as const),
];
export type PullKind = (typeof PULL_KINDS)[number];

const address = z.url({ protocol: /^https?$/ }).max(512);

export const sourceSettings = z.strictObject({
  kind: z.enum(PULL_KINDS),
  /** Name of a file in DATA/secrets/sources. */
  secret: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  /** Where the service is; needed with Okta, otherwise the public cloud's. */
  url: address.optional(),
  /** Where its access tokens come from. */
  tokenUrl: address.optional(),
  /** Seconds between two turns. Default: 60 where the service hands on its own order, else 300. */
  everySeconds: z.int().min(1).max(86_400).optional(),
  /** How much later than they happened records may turn up. Default 2 hours; Google 24. */
  overlapSeconds: z
    .int()
    .min(0)
    .max(7 * 86_400)
    .optional(),
  /** How far back the first turn reads. Default 7. */
  backfillDays: z.int().min(0).max(400).default(7),
  /** Of Office 365: content types. Of Google: applications. Default: all that matter to sign-ins and data. */
  feeds: z
    .array(z.string().regex(/^[A-Za-z][A-Za-z._]{1,63}$/))
    .min(1)
    .max(20)
    .optional(),
  /** Of Google: the administrator in whose name the service account asks. */
  subject: z.email().max(256).optional(),
});

export type SourceSettings = z.output<typeof sourceSettings>;

interface KindDefaults {
  url: string | undefined;
  everySeconds: number;
  overlapSeconds: number;
  feeds: readonly string[];
  /** Hosts that are spoken to in production; undefined: any public one. */
  hosts: RegExp | undefined;
}

const MICROSOFT_LOGIN = String.raw`login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)`;

export const KIND_DEFAULTS: Readonly<Record<PullKind, KindDefaults>> = {
  'graph-sign-ins': graph(),
  'graph-audits': graph(),
  'office-365': {
    url: 'https://manage.office.com',
    everySeconds: 60,
    overlapSeconds: 2 * 3600,
    feeds: ['Audit.AzureActiveDirectory', 'Audit.Exchange', 'Audit.SharePoint', 'Audit.General'],
    hosts: new RegExp(
      String.raw`^(manage(-gcc)?\.office\.com|manage\.office365\.us|manage\.protection\.apps\.mil|${MICROSOFT_LOGIN})$`,
    ),
  },
  okta: { url: undefined, everySeconds: 60, overlapSeconds: 3600, feeds: [], hosts: undefined },
  'google-reports': {
    url: 'https://admin.googleapis.com',
    everySeconds: 300,
    overlapSeconds: 24 * 3600,
    feeds: ['login', 'token', 'admin', 'drive', 'user_accounts'],
    hosts: /^(admin|oauth2)\.googleapis\.com$/,
  },
};

function graph(): KindDefaults {
  return {
    url: 'https://graph.microsoft.com',
    everySeconds: 300,
    overlapSeconds: 2 * 3600,
    feeds: [],
    hosts: new RegExp(
      String.raw`^(graph\.microsoft\.(com|us)|dod-graph\.microsoft\.us|microsoftgraph\.chinacloudapi\.cn|${MICROSOFT_LOGIN})$`,
    ),
  };
}

/** Without a trailing slash. @throws CodedError `source_setting`, `outbound_refused` */
export function serviceUrl(settings: SourceSettings, reach: Reach): string {
  const url = settings.url ?? KIND_DEFAULTS[settings.kind].url;
  if (url === undefined) throw pullError('source_setting', `${settings.kind} needs a url.`);
  checkHost(settings.kind, url, reach);
  return url.replace(/\/+$/, '');
}

/** A credential goes to the service it is of, and nowhere else. @throws CodedError */
export function checkHost(kind: PullKind, url: string, reach: Reach): void {
  const { hostname } = checkUrl(url, reach);
  const { hosts } = KIND_DEFAULTS[kind];
  if (reach === 'any' || hosts === undefined || hosts.test(hostname)) return;
  throw pullError(
    'source_setting',
    `${hostname} is no host of ${kind}: its credential stays here.`,
  );
}
