// Errors on their way out: the one place where a code becomes a status (RFC 9457 problem details).
// Anything that is not a CodedError is a bug: 500, no detail, and a line in our own log.

import type { ArchiveCode } from '@countersign/archive';
import type { AuditCode } from '@countersign/audit';
import type { PushCode, SourceCode } from '@countersign/connectors';
import type { DirectoryCode } from '@countersign/directory';
import type { CustodyRefusal, SignerRefusal } from '@countersign/keys';
import type { MemoryCode } from '@countersign/memory';
import type { KeyLivesCode, PauseCode } from '@countersign/provider';
import type { SearchCode } from '@countersign/search';
import type { TransparencyCode } from '@countersign/transparency';
import { isCodedError } from '@countersign/vocabulary';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

type OwnCode =
  | 'bad_request'
  | 'bad_realm'
  | 'not_authenticated'
  | 'not_allowed'
  | 'reason_needed'
  | 'too_many_tails'
  | 'tail_too_old'
  | 'model_unproved'
  | 'not_found'
  | 'too_large'
  | 'too_many_exports'
  | 'too_many_simulations';
type KnownCode =
  | OwnCode
  | DirectoryCode
  | AuditCode
  | ArchiveCode
  | TransparencyCode
  | SearchCode
  | SourceCode
  | PushCode
  | KeyLivesCode
  | PauseCode
  | MemoryCode
  | SignerRefusal
  | CustodyRefusal;

/** What a caller can mend. A code that is not here is our own trouble, whatever it says. */
const STATUS: Readonly<Partial<Record<KnownCode, ContentfulStatusCode>>> = {
  bad_request: 400,
  bad_realm: 400,
  bad_tenant: 400,
  bad_person: 400,
  bad_password: 400,
  bad_client: 400,
  bad_resource: 400,
  bad_credential_name: 400,
  bad_operator_name: 400,
  bad_reader: 400,
  bad_search: 400,
  too_many_searches: 409,
  search_exists: 409,
  search_unknown: 404,
  source_setting: 400,
  sink_setting: 400,
  source_unknown: 404,
  sink_unknown: 404,
  source_exists: 409,
  sink_exists: 409,
  too_many_sinks: 409,
  too_many_sources: 409,
  pause_malformed: 400,
  bad_page: 400,
  client_without_secret: 400,
  uses_malformed: 400,
  import_malformed: 400,
  accesses_malformed: 400,
  query_malformed: 400,
  filter_malformed: 400,
  cursor_malformed: 400,
  search_timeout: 422,
  tail_too_old: 410,
  too_many_tails: 429,
  entry_malformed: 400,
  clock_skew: 400,
  not_authenticated: 401,
  not_allowed: 403,
  reason_needed: 403,
  second_person_needed: 403,
  operator_too_new: 403,
  not_found: 404,
  tenant_unknown: 404,
  realm_unknown: 404,
  person_unknown: 404,
  passkey_unknown: 404,
  client_unknown: 404,
  resource_unknown: 404,
  credential_unknown: 404,
  operator_unknown: 404,
  reader_unknown: 404,
  key_unknown: 404,
  issuer_unknown: 404,
  pause_unknown: 404,
  tenant_exists: 409,
  username_taken: 409,
  client_exists: 409,
  operator_exists: 409,
  pause_exists: 409,
  pause_over: 409,
  standby_too_fresh: 409,
  rollback_too_late: 409,
  keys_paused: 409,
  life_conflict: 409,
  custody_not_set_up: 409,
  custody_unsupported: 409,
  custody_not_installed: 409,
  pin_wrong: 409,
  credentials_refused: 409,
  resource_exists: 409,
  no_snapshot: 409,
  model_unproved: 409,
  too_many_exports: 429,
  too_many_simulations: 429,
  too_large: 413,
  retention_unknown: 400,
  erasure_malformed: 400,
  archive_damaged: 503,
  custody_unreachable: 503,
};
const STATUS_OF_CODE: ReadonlyMap<string, ContentfulStatusCode> = new Map(Object.entries(STATUS));

export interface Problem {
  type: string;
  title: string;
  status: ContentfulStatusCode;
  code: string;
}

export function problemFor(error: unknown): {
  problem: Problem;
  retryAfterSeconds: number | undefined;
} {
  const coded = isCodedError(error) ? error : undefined;
  const passing = coded?.retryAfterSeconds === undefined ? undefined : 503;
  const status = coded === undefined ? undefined : (STATUS_OF_CODE.get(coded.code) ?? passing);
  if (coded === undefined || status === undefined) {
    const title = 'Something went wrong here.';
    return {
      problem: { type: 'about:blank', title, status: 500, code: 'internal_error' },
      retryAfterSeconds: undefined,
    };
  }
  return {
    problem: { type: 'about:blank', title: coded.message, status, code: coded.code },
    retryAfterSeconds: coded.retryAfterSeconds,
  };
}

export function answerProblem(
  context: Context,
  error: unknown,
  onUnexpected: (error: unknown) => void,
): Response {
  const { problem, retryAfterSeconds } = problemFor(error);
  if (problem.status === 500) onUnexpected(error);
  if (retryAfterSeconds !== undefined) context.header('Retry-After', String(retryAfterSeconds));
  if (problem.status === 401) context.header('WWW-Authenticate', 'Bearer');
  return context.body(JSON.stringify(problem), problem.status, {
    'content-type': 'application/problem+json',
  });
}
