// What the issuer's log can answer for: from when to when, for which tenants, with which kinds of id,
// where it has holes. Outside of it nothing is "never issued".

import {
  type Activity,
  areComparable,
  familyOf,
  isLasting,
  kindOfId,
  showsReach,
} from '../activity.ts';
import type { Tolerances } from '../tolerances.ts';
import { neededStreams } from './required-streams.ts';

export interface Span {
  fromMs: number;
  toMs: number;
}

export interface Gap extends Span {
  reason: string;
}

/** Why a use cannot be said to be unissued. */
export type Gate =
  | 'no_issuer_log'
  | 'other_issuer'
  | 'other_tenant'
  | 'before_log'
  | 'after_log'
  | 'in_gap'
  | 'stream_missing';

/** When an honest use's token was issued, or its session last named. */
export function issueWindow(
  { timeMs, facts }: Activity,
  what: 'token' | 'session',
  tolerances: Tolerances,
): Span {
  const { skewMs, longestTokenMs, longestSessionMs } = tolerances;
  const { tokenIssuedMs: issuedMs } = facts;
  if (what === 'session') return { fromMs: timeMs - longestSessionMs, toMs: timeMs };
  if (issuedMs === undefined) return { fromMs: timeMs - longestTokenMs, toMs: timeMs };
  return { fromMs: issuedMs - skewMs, toMs: issuedMs + skewMs };
}

interface Family {
  tenants: Map<string, Span>;
  tokenKinds: Set<string>;
  sessionKinds: Set<string>;
  /** Each of its logs reaches as far as it does: one may end days before another. */
  streams: Map<string, Map<string, Span>>;
}

export interface CoverageParts {
  tolerances: Tolerances;
  /** The reader says that no stream is missing, whatever it looks like. */
  complete: boolean;
}

export class IssuerCoverage {
  readonly #parts: CoverageParts;
  readonly #families = new Map<string, Family>();
  readonly gaps: Gap[] = [];
  /** Nothing older can be decided: the index had no room for it. */
  cutMs = Number.NEGATIVE_INFINITY;

  constructor(parts: CoverageParts) {
    this.#parts = parts;
  }

  /** Any record of an issuer shows that its log was on, whatever it tells of. */
  add(activity: Activity): void {
    if (!showsReach(activity)) return;
    const family = this.#family(familyOf(activity.source));
    const { tenant = '', tokens = [], sessions = [], gap } = activity.facts;
    const { timeMs, stream } = activity;
    stretch(family.tenants, tenant, timeMs);
    if (gap === 'throttled' || gap === 'truncated')
      this.gaps.push({ fromMs: timeMs, toMs: timeMs, reason: gap });
    if (stream !== undefined) {
      const spans = family.streams.get(stream) ?? new Map<string, Span>();
      family.streams.set(stream, spans);
      stretch(spans, tenant, timeMs);
    }
    const { kind } = activity.facts;
    if (kind !== 'sign_in' && kind !== 'token') return;
    for (const id of tokens) family.tokenKinds.add(kindOfId(id));
    for (const id of sessions) family.sessionKinds.add(kindOfId(id));
  }

  /** Whether the issuer writes down such ids at all. */
  knowsKind(what: 'token' | 'session', source: string, id: string): boolean {
    if (isLasting(id)) return false;
    const kind = kindOfId(id);
    return this.#speakingFor(source).some(([, family]) =>
      (what === 'token' ? family.tokenKinds : family.sessionKinds).has(kind),
    );
  }

  /** Undefined when the log must hold the issue of this use, or the beginning of its session. */
  gateOf(use: Activity, what: 'token' | 'session'): Gate | undefined {
    const speaking = this.#speakingFor(use.source);
    if (speaking.length === 0) return this.#families.size === 0 ? 'no_issuer_log' : 'other_issuer';
    const span = this.#spanFor(use, speaking);
    if (span === undefined) return 'other_tenant';
    const { tolerances, complete } = this.#parts;
    if (!complete && this.missingFor(use).length > 0) return 'stream_missing';
    const { fromMs, toMs } = issueWindow(use, what, tolerances);
    if (Math.max(use.timeMs, toMs) > span.toMs - tolerances.latenessMs) return 'after_log';
    if (Math.min(use.timeMs, fromMs) < Math.max(span.fromMs, this.cutMs)) return 'before_log';
    return this.gaps.some((gap) => gap.fromMs <= toMs && gap.toMs >= fromMs) ? 'in_gap' : undefined;
  }

  /** Logs of the issuer that would have to be there, too. */
  missingFor({ source, facts }: Activity): string[] {
    return this.#speakingFor(source).flatMap(([name, { streams }]) =>
      neededStreams(name, streams, facts.persons ?? []).filter((stream) => !streams.has(stream)),
    );
  }

  /** Whether the log can be asked what followed a use: it reaches so far, without a hole. */
  reaches(use: Activity, untilMs: number): boolean {
    if (this.gaps.some((gap) => gap.fromMs <= untilMs && gap.toMs >= use.timeMs)) return false;
    const span = this.#spanFor(use, this.#speakingFor(use.source));
    return span !== undefined && untilMs <= span.toMs - this.#parts.tolerances.latenessMs;
  }

  /** All of it, for the report. */
  describe() {
    return [...this.#families].map(([family, { tenants, streams, tokenKinds, sessionKinds }]) => ({
      family,
      tenants: [...tenants].map(([tenant, { fromMs, toMs }]) => ({
        tenant: tenant === '' ? null : tenant,
        fromMs,
        toMs,
        watermarkMs: toMs - this.#parts.tolerances.latenessMs,
      })),
      streams: [...streams.keys()].sort(),
      /** The newest record of each: where one ends early, its uses are decided no further. */
      streamEnds: Object.fromEntries(
        [...streams].map(([stream, spans]) => [
          stream,
          Math.max(...[...spans.values()].map(({ toMs }) => toMs)),
        ]),
      ),
      tokenKinds: [...tokenKinds].sort(),
      sessionKinds: [...sessionKinds].sort(),
    }));
  }

  #family(name: string): Family {
    let family = this.#families.get(name);
    if (family === undefined) {
      const empty = () => new Set<string>();
      family = {
        ...{ tenants: new Map(), tokenKinds: empty() },
        ...{ sessionKinds: empty(), streams: new Map() },
      };
      this.#families.set(name, family);
    }
    return family;
  }

  /** The log of the same house, if it is there; else every log that may have the id. */
  #speakingFor(source: string): [string, Family][] {
    const of = familyOf(source);
    const own = this.#families.get(of);
    if (own !== undefined) return [[of, own]];
    return [...this.#families].filter(([name]) => areComparable(of, name));
  }

  /** The part that every log speaking for the use covers; undefined when it is of a foreign tenant. */
  #spanFor({ source, facts }: Activity, speaking: readonly [string, Family][]): Span | undefined {
    const { quietMs } = this.#parts.tolerances;
    const span = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
    for (const [name, { tenants, streams }] of speaking) {
      const ours = name === familyOf(source);
      const own = ours ? tenants.get(facts.tenant ?? '') : undefined;
      if (own === undefined && ours && isForeign(facts.tenant, tenants)) return undefined;
      narrow(span, tenants, own, 0);
      if (this.#parts.complete) continue;
      for (const stream of neededStreams(name, streams, facts.persons ?? [])) {
        const spans = streams.get(stream);
        if (spans !== undefined) narrow(span, spans, spans.get(facts.tenant ?? ''), quietMs);
      }
    }
    return span;
  }
}

function stretch(spans: Map<string, Span>, tenant: string, timeMs: number): void {
  const span = spans.get(tenant);
  if (span === undefined) spans.set(tenant, { fromMs: timeMs, toMs: timeMs });
  else {
    span.fromMs = Math.min(span.fromMs, timeMs);
    span.toMs = Math.max(span.toMs, timeMs);
  }
}

/** To what the tenant's own span covers, or every tenant's where it has none. */
function narrow(
  span: Span,
  spans: ReadonlyMap<string, Span>,
  own: Span | undefined,
  quietMs: number,
): void {
  for (const { fromMs, toMs } of own === undefined ? spans.values() : [own]) {
    span.fromMs = Math.max(span.fromMs, fromMs - quietMs);
    span.toMs = Math.min(span.toMs, toMs + quietMs);
  }
}

function isForeign(tenant: string | undefined, tenants: ReadonlyMap<string, Span>): boolean {
  return tenant !== undefined && !tenants.has('') && !tenants.has(tenant);
}
