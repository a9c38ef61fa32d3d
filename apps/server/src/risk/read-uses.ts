// Reported uses as attempts: of tokens of ours that were accepted, where the report says where they were
// used from. Whose token it is says the ledger, never the report.

import type { IssuedToken } from '@countersign/audit';
import { type Attempt, parseRealmId } from '@countersign/vocabulary';
import { z } from 'zod';

const use = z.object({
  id: z.string(),
  atMs: z.number(),
  decision: z.string(),
  tokenHash: z.string(),
  ip: z.string().optional(),
  userAgent: z.string().optional(),
  jkt: z.string().optional(),
});
const report = z.object({ uses: z.array(use) });

export type ReportedUse = z.infer<typeof use>;

/** Those that tell where from; a use of which nothing is told cannot be odd. */
export function readUses(given: unknown): ReportedUse[] {
  const parsed = report.safeParse(given);
  if (!parsed.success) return [];
  return parsed.data.uses.filter(
    ({ decision, ip, userAgent }) =>
      decision === 'accepted' && (ip !== undefined || userAgent !== undefined),
  );
}

const LONGEST_PAST_MS = 7 * 86_400_000;

/** Undefined for the token of another tenant. */
export function attemptOfUse(
  { id, atMs, tokenHash, ip, userAgent, jkt }: ReportedUse,
  reporter: { id: string; tenant: string },
  issued: IssuedToken,
  nowMs: number,
): Attempt | undefined {
  const { realm, subject, clientId, rootAuthId, sessionId, signIn, audience } = issued;
  const { tenant, population } = parseRealmId(realm);
  const who = subject ?? clientId;
  if (tenant !== reporter.tenant || who === undefined) return undefined;
  const isWorkload = subject === undefined || subject === clientId;
  const isSane = atMs > nowMs - LONGEST_PAST_MS && atMs <= nowMs;
  return {
    ...{ id: `use-${reporter.id}-${id}`, kind: 'use', realm, outcome: 'success', subject: who },
    timeMs: isSane ? Math.floor(atMs) : nowMs,
    subjectKind: isWorkload ? 'workload' : population === 'device' ? 'device' : 'person',
    ...{ tokenHash, rootAuthId },
    ...(clientId === undefined ? {} : { clientId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(signIn === undefined ? {} : { signIn }),
    ...(audience[0] === undefined ? {} : { audience: audience[0] }),
    surroundings: {
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
      ...(jkt === undefined ? {} : { dpopThumbprint: jkt }),
    },
  };
}
