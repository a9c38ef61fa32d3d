// `POST /api/v1/dumps`: the gate tells what it let out of a zone and what it held back (C-11). It tells
// again until it is answered, so a record that is known already changes nothing.

import type { Audit } from '@countersign/audit';
import { type Clock, CodedError, type CountersignEvent } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import { z } from 'zod';
import { describeRequest } from './describe-request.ts';
import { readJson } from './read-json.ts';

export interface DumpRouteParts {
  audit: Pick<Audit, 'record' | 'listEvents'>;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
  operatorOnly: MiddlewareHandler;
}

const line = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, 'must be one line');
const count = z.int().min(0);

const record = z.strictObject({
  format: z.literal('countersign/gate-record/v1'),
  /** Of the arrival: the same however often it is told. */
  id: z.string().regex(/^[0-9a-f]{32}(-redacted)?$/),
  outcome: z.enum(['released', 'blocked']),
  reason: z
    .enum(['live_key', 'private_key', 'unreadable', 'not_a_file', 'linked', 'too_large'])
    .nullable(),
  name: line(1024),
  bytes: count,
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  zone: line(256),
  host: line(256),
  /** By the clock of the gate. */
  atMs: count,
  redacted: z.boolean(),
  kids: z.array(line(256)).max(100),
  findings: count,
  unread: count,
});

type GateRecord = z.output<typeof record>;

const LONGEST_NAME = 200;

export function dumpRoutes({ audit, clock, log, operatorOnly }: DumpRouteParts): Hono {
  const routes = new Hono();
  routes.use('/dumps', operatorOnly);
  let turn: Promise<unknown> = Promise.resolve();
  routes.post('/dumps', async (context) => {
    const given = await readJson(context, record);
    if ((given.outcome === 'blocked') !== (given.reason !== null))
      throw new CodedError('bad_request', 'reason: what is blocked has one, and nothing else.');
    // One after the other: two tellings at once must not both find nothing.
    const mine = turn.then(() => take(context, given));
    // Whoever told of it hears how it went; the next one waits for its end alone.
    turn = mine.catch(() => undefined);
    return context.json({ id: given.id, known: await mine }, 200);
  });
  const take = async (context: Context, given: GateRecord): Promise<boolean> => {
    const causedBy = causeOf(given);
    const names: CountersignEvent['name'][] = ['dump.released', 'dump.blocked'];
    const [known] = await audit.listEvents({ causedBy, names, limit: 1 });
    if (known !== undefined) return true;
    const events = describeRecord(given, context, clock.nowMs());
    if (given.outcome === 'blocked')
      log.warn({ dump: given.name, reason: given.reason, kids: given.kids }, 'a dump was blocked');
    await audit.record(events);
    return false;
  };
  return routes;
}

function causeOf({ id }: Pick<GateRecord, 'id'>): string {
  return `dump:${id}`;
}

/** What happened to the dump; and for each of our keys in it, that somebody got hold of it. */
function describeRecord(given: GateRecord, context: Context, nowMs: number): CountersignEvent[] {
  const { outcome, reason, name, bytes, sha256, zone, host, redacted, kids, findings } = given;
  const live = reason === 'live_key';
  const about = {
    timeMs: nowMs,
    subject: context.get('operator'),
    request: describeRequest(context),
    causedBy: causeOf(given),
  };
  const dump = { name: name.slice(0, LONGEST_NAME), sha256, bytes, zone, host };
  const [kid] = kids;
  return [
    {
      ...about,
      name: outcome === 'released' ? 'dump.released' : 'dump.blocked',
      severity: outcome === 'released' ? 'info' : live ? 'critical' : 'high',
      ...(reason === null ? {} : { reason }),
      ...(kid === undefined ? {} : { token: { kind: 'other', kid } }),
      message:
        outcome === 'released'
          ? `A dump left zone ${zone}${redacted ? ', with zeros in place of the keys' : ''}.`
          : `A dump was held back from leaving zone ${zone}: ${reason}.`,
      extra: { ...dump, findings, unread: given.unread, redacted, gateMs: given.atMs },
    },
    ...kids.map(
      (each): CountersignEvent => ({
        ...about,
        name: 'key.access',
        severity: 'critical',
        reason: 'found_in_dump',
        token: { kind: 'other', kid: each },
        message: `Key ${each} lies in a dump: whoever had the dump has the key.`,
        extra: { ...dump, action: 'dump' },
      }),
    ),
  ];
}
