// The routes of the risk engine: what was judged, who is at risk, what is to be done about it, and by
// which model.

import type { Audit } from '@countersign/audit';
import type { Clock } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import type { OpenedSurroundings } from '../context/open-surroundings.ts';
import type { OpenedRisk } from '../risk/open-risk.ts';
import { riskActionRoutes } from './serve-risk-actions.ts';
import { riskReadingRoutes } from './serve-risk-assessments.ts';
import { riskModelRoutes } from './serve-risk-models.ts';
import { riskPolicyRoutes } from './serve-risk-policy.ts';

export interface RiskRouteParts {
  risk: Pick<OpenedRisk, 'house' | 'engine'>;
  audit: Pick<Audit, 'record' | 'listEvents'>;
  clock: Clock;
  /** What is known of networks. Default: nothing is said of it. */
  surroundings?: Pick<OpenedSurroundings, 'sources'>;
  operatorOnly: MiddlewareHandler;
  readerOnly: MiddlewareHandler;
}

export function riskRoutes({ risk, ...rest }: RiskRouteParts): Hono {
  const { house, engine } = risk;
  const { memory } = house;
  const routes = new Hono();
  // Before the others, which are for readers.
  routes.route('/', riskModelRoutes({ ...rest, memory, engine }));
  routes.route('/', riskPolicyRoutes({ ...rest, house }));
  routes.route('/', riskReadingRoutes({ ...rest, memory }));
  routes.route('/', riskActionRoutes({ ...rest, house }));
  return routes;
}
