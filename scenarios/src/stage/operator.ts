// The operator's side of the stage: the HTTP API with the operator token.

import { setTimeout as sleep } from 'node:timers/promises';
import type { StageServer } from './start-server.ts';

export interface Finding {
  id: string;
  class: string;
  raisedMs: number;
  kid?: string;
  issuer?: string;
  tokenHash?: string;
  count: number;
  message: string;
  quarantined: boolean;
  [member: string]: unknown;
}

export interface RecordedEvent {
  sequence: number;
  name: string;
  [member: string]: unknown;
}

export interface Operator {
  post<T>(path: string, body: unknown): Promise<T>;
  get<T>(path: string): Promise<T>;
  findings(): Promise<Finding[]>;
  /** Looks again until a finding fits. @throws Error when none does in time */
  awaitFinding(fits: (finding: Finding) => boolean, withinMs: number): Promise<Finding>;
  /** All events of a name, oldest first. */
  events(name: string): Promise<RecordedEvent[]>;
}

const LOOK_EVERY_MS = 100;
const PAGE = 1000;

export function operatorOf(server: StageServer): Operator {
  const authorization = `Bearer ${server.secret('operator-token')}`;
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = { authorization, 'content-type': 'application/json' };
    const response = await fetch(server.url + path, { ...init, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  };
  const findings = async (): Promise<Finding[]> =>
    (await ask<{ findings: Finding[] }>('/api/v1/findings')).findings;
  return {
    get: (path) => ask(path),
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
    findings,
    awaitFinding: async (fits, withinMs) => {
      const deadlineMs = performance.now() + withinMs;
      let seen: Finding[] = [];
      while (performance.now() < deadlineMs) {
        seen = await findings();
        const found = seen.find(fits);
        if (found !== undefined) return found;
        await sleep(LOOK_EVERY_MS);
      }
      const others = seen.map((finding) => finding.class).join(', ') || 'nothing';
      throw new Error(`No such finding in ${withinMs / 1000} s; the server found ${others}.`);
    },
    events: async (name) => {
      const found: RecordedEvent[] = [];
      for (let after = 0; ; ) {
        const page = await ask<{ events: RecordedEvent[]; next: number }>(
          `/api/v1/events?name=${encodeURIComponent(name)}&after=${after}&limit=${PAGE}`,
        );
        found.push(...page.events);
        if (page.events.length < PAGE) return found;
        after = page.next;
      }
    },
  };
}
