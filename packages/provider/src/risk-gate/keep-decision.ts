// What was decided about a request, kept with it: two ways through the house ask once, and what is made
// of the request later is made by it.

import type { IncomingMessage } from 'node:http';
import type { GateDecision } from './risk-gate.ts';

const decisions = new WeakMap<IncomingMessage, GateDecision>();

export function keepDecision(request: IncomingMessage, decision: GateDecision): void {
  decisions.set(request, decision);
}

/** What was decided about the request so far. */
export function decisionOf(request: IncomingMessage | undefined): GateDecision | undefined {
  return request === undefined ? undefined : decisions.get(request);
}
