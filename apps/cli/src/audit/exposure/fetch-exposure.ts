// The answer from a server's record, asked with an operator's or a reader's credential.

import type { ExposureReport, Question } from '@countersign/matching';
import { cliError } from '../../cli-error.ts';
import { isObject } from '../../http/read-member.ts';
import type { OperatorOptions } from '../../http/server-option.ts';
import { openAsking } from '../../keys/ask-server.ts';
import type { CliWorld } from '../../world.ts';
import { type FoundExposure, listedOf } from './read-exposure.ts';

/** A year of events is looked through. */
const TIMEOUT_MS = 120_000;

/** @throws CodedError as `fetchJson` */
export async function fetchExposure(
  world: CliWorld,
  { kind, value }: Question,
  options: OperatorOptions & { listed?: string; tenant?: string; reason?: string },
): Promise<FoundExposure> {
  const { ask, server } = openAsking(world, options);
  const listed = options.listed === undefined ? undefined : listedOf(options.listed);
  const query = new URLSearchParams({
    [kind]: value,
    ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
    ...(listed === undefined ? {} : { listed: String(listed) }),
  });
  const { body } = await ask(`/audit/exposure?${query}`, {
    timeoutMs: TIMEOUT_MS,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  const report: unknown = isObject(body) ? body['exposure'] : undefined;
  if (!isReport(report))
    throw cliError('answer_malformed', 'The server did not answer with an exposure.');
  const { keyExposure = null } = body as { keyExposure?: unknown };
  return {
    report,
    more: { offline: false, server: server.origin, ...(kind === 'key' ? { keyExposure } : {}) },
    tallies: [],
  };
}

/** As far as it is drawn; a server that lies in the rest lies in the numbers, too. */
function isReport(value: unknown): value is ExposureReport {
  if (!isObject(value)) return false;
  const { touched, people, tenants, matching, blindSpots, question } = value;
  return (
    isObject(touched) &&
    isObject(question) &&
    [people, tenants, blindSpots].every(Array.isArray) &&
    isObject(matching) &&
    Array.isArray(matching['findings'])
  );
}
