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
  // On the way of every token: one copy, in which the few members that are there are put right.
  const bound = cutTexts(event, TEXTS);
  if (bound.message !== undefined) bound.message = cut(bound.message, LONGEST_SCOPE);
  if (event.actor !== undefined) bound.actor = boundActor(event.actor);
  if (event.item !== undefined) bound.item = boundItem(event.item);
  if (event.change !== undefined) bound.change = boundChange(event.change);
  if (event.token !== undefined) bound.token = boundToken(event.token);
  if (event.request !== undefined) bound.request = boundRequest(event.request);
  if (event.verifier !== undefined) bound.verifier = boundVerifier(event.verifier);
  if (event.risk !== undefined) bound.risk = boundRisk(event.risk);
  if (event.extra !== undefined) bound.extra = boundExtra(event.extra);
  return bound;
}

const TEXTS = [
  ...(['tenant', 'clientId', 'subject', 'sessionId'] as const),
  ...(['operation', 'reason', 'causedBy'] as const),
];
const TOKEN_TEXTS = [
  ...(['issuer', 'subject', 'kid', 'signer', 'alg', 'typ'] as const),
  ...(['rootAuthId', 'confirmationThumbprint'] as const),
];
const RISK_TEXTS = ['assessment', 'model', 'counterfactual'] as const;

function boundToken(token: TokenFacts): TokenFacts {
  const bound = cutTexts(token, TOKEN_TEXTS);
  if (token.scope !== undefined) bound.scope = cut(token.scope, LONGEST_SCOPE);
  if (token.audience !== undefined) {
    bound.audience = token.audience.slice(0, MOST_AUDIENCES).map((text) => cut(text) ?? '');
  }
  return bound;
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
  const bound = cutTexts(risk, RISK_TEXTS);
  if (risk.degraded !== undefined) bound.degraded = listOf(risk.degraded);
  if (risk.detections !== undefined) bound.detections = listOf(risk.detections);
  if (risk.tails !== undefined) {
    bound.tails = Object.fromEntries(tails.map(([head, tail]) => [head.toWellFormed(), tail]));
  }
  if (risk.reasons !== undefined) {
    bound.reasons = risk.reasons.slice(0, MOST_REASONS).map(({ code, sentence }) => ({
      code: cut(code) ?? '',
      sentence: cut(sentence) ?? '',
    }));
  }
  return bound;
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

/** A copy in which these members, where they are there, are no longer than a text may be. */
function cutTexts<Name extends string, Facts extends { [Member in Name]?: string }>(
  facts: Facts,
  names: readonly Name[],
): Facts {
  const copy: { [Member in Name]?: string } = { ...facts };
  for (const name of names) {
    const text = copy[name];
    if (text !== undefined) copy[name] = cut(text);
  }
  return copy as Facts;
}

function cut(text: string, longest?: number): string;
function cut(text: string | undefined, longest?: number): string | undefined;
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
