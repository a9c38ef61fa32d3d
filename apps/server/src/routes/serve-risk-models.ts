// `/api/v1/risk/model`: which model judges, which looks on beside it, what is known of networks and how old
// that is, and putting a model in. For operators: a model judges for every tenant. Bytes without the
// signature of a trusted maker are refused.

import type { Audit } from '@countersign/audit';
import type { ModelRole } from '@countersign/memory';
import { type Clock, CodedError, type CountersignEvent } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { OpenedSurroundings } from '../context/open-surroundings.ts';
import type { HouseEngine } from '../risk/assemble-engine.ts';
import { compareChallenger } from '../risk/compare-challenger.ts';
import { recordAlongside } from '../risk/record-alongside.ts';
import { refuseUnproved } from '../risk/refuse-unproved.ts';
import type { HouseMemory } from '../risk/risk-house.ts';
import { readJson } from './read-json.ts';
import { NO_STORE } from './serve-risk-assessments.ts';

export interface RiskModelParts {
  memory: HouseMemory;
  engine: HouseEngine;
  audit: Pick<Audit, 'record' | 'listEvents'>;
  clock: Clock;
  surroundings?: Pick<OpenedSurroundings, 'sources'>;
  operatorOnly: MiddlewareHandler;
}

const role = z.enum(['champion', 'challenger']);
const put = z.strictObject({
  role,
  /** The signed model, base64. */
  model: z.base64().max(2_000_000),
  /** Of a champion: also when it was not shown to be no worse than the one in force. */
  force: z.boolean().default(false),
});
const removal = z.strictObject({ role });

export function riskModelRoutes(parts: RiskModelParts): Hono {
  const { memory, engine, operatorOnly } = parts;
  const routes = new Hono();
  routes.use('/risk/model', operatorOnly);

  routes.get('/risk/model', async (context) => {
    const { model, degraded, settings } = engine.engine;
    const beside = engine.challenger;
    const comparison =
      beside?.model &&
      (await compareChallenger(
        parts.audit,
        { challenger: beside.model.id, champion: model?.id ?? 'none' },
        settings.mediumShare,
      ));
    return context.json(
      {
        champion: { ...describe(model), degraded },
        ...(beside === undefined
          ? {}
          : { challenger: { ...describe(beside.model), degraded: beside.degraded } }),
        ...(comparison === undefined ? {} : { comparison }),
        settings,
        ...(parts.surroundings === undefined ? {} : { surroundings: parts.surroundings.sources() }),
      },
      200,
      NO_STORE,
    );
  });

  routes.put('/risk/model', async (context) => {
    const { role: as, model, force } = await readJson(context, put);
    const bytes = Buffer.from(model, 'base64');
    const id = checked(engine, bytes);
    if (as === 'champion' && !force) await refuseUnproved(parts, id);
    const by = context.get('operator');
    const before = engine.engine.model?.id ?? 'none';
    const event = {
      ...eventOf(parts, { as, id, by, before, operation: as }),
      ...(force ? { extra: { force } } : {}),
    };
    await memory.models.put({ role: as, id, bytes, putBy: by }, (tx) =>
      recordAlongside(parts.audit, [event], tx),
    );
    await engine.reload();
    return context.json({ role: as, id }, 200, NO_STORE);
  });

  routes.delete('/risk/model', async (context) => {
    const { role: as } = await readJson(context, removal);
    const kept = await memory.models.find(as);
    if (kept === undefined) throw new CodedError('not_found', 'No such model was put in.');
    const { id } = kept;
    const by = context.get('operator');
    const event = eventOf(parts, { as, id, by, before: id, operation: 'removed' });
    await memory.models.remove(as, (tx) => recordAlongside(parts.audit, [event], tx));
    await engine.reload();
    return context.json({ role: as, removed: id }, 200, NO_STORE);
  });
  return routes;
}

function describe(model: HouseEngine['engine']['model']) {
  if (model === undefined) return { id: 'none' };
  const { id, made, seed, summary } = model;
  return { id, made, seed, summary };
}

/** @throws CodedError `bad_request` for bytes that nobody who is trusted has signed */
function checked(engine: HouseEngine, bytes: Uint8Array): string {
  try {
    return engine.check(bytes);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'This is not a model.';
    throw new CodedError('bad_request', message, { cause });
  }
}

function eventOf(
  { clock }: RiskModelParts,
  change: { as: ModelRole; id: string; by: string; before: string; operation: string },
): CountersignEvent {
  const { as, id, by, before, operation } = change;
  return {
    name: 'risk.model_changed',
    ...{ timeMs: clock.nowMs(), operation },
    actor: { kind: 'operator', id: by },
    item: { kind: 'model', id },
    change: { before: { model: before }, after: { model: id, role: as } },
  };
}
