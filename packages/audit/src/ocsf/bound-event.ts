// Cuts what a stranger can make long (user agent, client id, texts of a token) and refuses what a
// caller of ours must not send. Text is made well-formed Unicode: RFC 8785 has no other.

import {
  type ActorFacts,
  CodedError,
  type CountersignEvent,
  type ExtraFacts,
  type ItemFacts,
  type RiskFacts,
  type TokenFacts,
} from '@countersign/vocabulary';

const LONGEST_TEXT = 512;
const LONGEST_SCOPE = 2048;
const LONGEST_EXTRA_CHARACTERS = 4096;
const MOST_AUDIENCES = 16;
const MOST_TAILS = 8;
const MOST_CODES = 16;
const MOST_REASONS = 3;

/** @throws CodedError `event_too_large`, `event_malformed` */
export function boundEvent(event: CountersignEvent): CountersignEvent {
  if (!Number.isSafeInteger(event.timeMs) || event.timeMs < 0) {
    throw new CodedError('event_malformed', 'An audit event needs its time in milliseconds.');
  }
  if (event.count !== undefined && (!Number.isSafeInteger(event.count) || event.count < 0)) {
    throw new CodedError('event_malformed', 'The count of an audit event is a whole number.');
  }
  return {
    ...event,
    ...optional('tenant', cut(event.tenant)),
    ...optional('clientId', cut(event.clientId)),
    ...optional('subject', cut(event.subject)),
    ...optional('sessionId', cut(event.sessionId)),
    ...optional('actor', event.actor && boundActor(event.actor)),
    ...optional('item', event.item && boundItem(event.item)),
    ...optional('operation', cut(event.operation)),
    ...optional('change', event.change && boundChange(event.change)),
    ...optional('reason', cut(event.reason)),
    ...optional('message', cut(event.message, LONGEST_SCOPE)),
    ...optional('causedBy', cut(event.causedBy)),
    ...optional('token', event.token && boundToken(event.token)),
    ...optional('request', event.request && boundRequest(event.request)),
    ...optional('verifier', event.verifier && boundVerifier(event.verifier)),
    ...optional('risk', event.risk && boundRisk(event.risk)),
    ...optional('extra', event.extra && boundExtra(event.extra)),
  };
}

function boundToken(token: TokenFacts): TokenFacts {
  return {
    ...token,
    ...optional('issuer', cut(token.issuer)),
    ...optional('subject', cut(token.subject)),
    ...optional('kid', cut(token.kid)),
    ...optional('signer', cut(token.signer)),
    ...optional('alg', cut(token.alg)),
    ...optional('typ', cut(token.typ)),
    ...optional('scope', cut(token.scope, LONGEST_SCOPE)),
    ...optional('rootAuthId', cut(token.rootAuthId)),
    ...optional('confirmationThumbprint', cut(token.confirmationThumbprint)),
    ...optional(
      'audience',
      token.audience?.slice(0, MOST_AUDIENCES).map((text) => cut(text) ?? ''),
    ),
  };
}

function boundRequest(request: NonNullable<CountersignEvent['request']>): typeof request {
  return {
    ...optional('ip', cut(request.ip)),
    ...optional('userAgent', cut(request.userAgent)),
  };
}

function boundVerifier(verifier: { name: string; version: string }): typeof verifier {
  return { name: cut(verifier.name) ?? '', version: cut(verifier.version) ?? '' };
}

function boundActor({ kind, id, reason }: ActorFacts): ActorFacts {
  return { kind, id: cut(id) ?? '', ...optional('reason', cut(reason, LONGEST_SCOPE)) };
}

function boundItem({ kind, id, name, in: container }: ItemFacts): ItemFacts {
  return {
    kind: cut(kind) ?? '',
    id: cut(id) ?? '',
    ...optional('name', cut(name)),
    ...optional('in', cut(container)),
  };
}

function boundChange({ before, after }: NonNullable<CountersignEvent['change']>) {
  return {
    ...optional('before', before && boundExtra(before)),
    ...optional('after', after && boundExtra(after)),
  };
}

function boundRisk(risk: RiskFacts): RiskFacts {
  const tails = Object.entries(risk.tails ?? {}).slice(0, MOST_TAILS);
  if (![risk.score, ...tails.map(([, tail]) => tail)].every(Number.isFinite)) {
    throw new CodedError('event_malformed', 'A score or tail of risk is not a finite number.');
  }
  const listOf = (texts: string[]) => texts.slice(0, MOST_CODES).map((text) => cut(text) ?? '');
  return {
    ...risk,
    ...optional('assessment', cut(risk.assessment)),
    ...optional('model', cut(risk.model)),
    ...optional('counterfactual', cut(risk.counterfactual)),
    ...optional('degraded', risk.degraded && listOf(risk.degraded)),
    ...optional('detections', risk.detections && listOf(risk.detections)),
    ...optional(
      'tails',
      risk.tails && Object.fromEntries(tails.map(([head, tail]) => [head.toWellFormed(), tail])),
    ),
    ...optional(
      'reasons',
      risk.reasons?.slice(0, MOST_REASONS).map(({ code, sentence }) => ({
        code: cut(code) ?? '',
        sentence: cut(sentence) ?? '',
      })),
    ),
  };
}

function boundExtra(extra: ExtraFacts): ExtraFacts {
  const entries = Object.entries(extra).map(
    ([name, value]) =>
      [name.toWellFormed(), typeof value === 'string' ? value.toWellFormed() : value] as const,
  );
  for (const [name, value] of entries) {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new CodedError('event_malformed', `The extra fact ${name} is not a finite number.`);
    }
  }
  const bounded = Object.fromEntries(entries);
  if (JSON.stringify(bounded).length > LONGEST_EXTRA_CHARACTERS) {
    throw new CodedError('event_too_large', 'The extra facts of an event may hold 4 KiB.');
  }
  return bounded;
}

function cut(text: string | undefined, longest = LONGEST_TEXT): string | undefined {
  if (text === undefined) return undefined;
  return (text.length > longest ? text.slice(0, longest) : text).toWellFormed();
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>);
}
