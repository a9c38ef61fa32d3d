// `/api/v1/…` for the operator: what was found (findings, evidence, the reconciliation) and
// ending tokens before their time.

import { createHash } from 'node:crypto';
import type { Audit, Finding, RevocationTarget } from '@countersign/audit';
import type { SignerClient } from '@countersign/keys';
import { type Clock, CodedError, parseRealmId, realmId } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { HouseAnchors } from '../anchors/open-anchors.ts';
import type { Feed } from '../feed/publish-feed.ts';
import type { HouseLogs } from '../logs/learn-logs.ts';
import { QuietReads } from '../reading/quiet-reads.ts';
import { INSTALLATION, recordRead } from '../reading/record-read.ts';
import type { HouseSigners } from '../signers/learn-signers.ts';
import { operatorAsReader } from './authenticate-reader.ts';
import { describeRequest } from './describe-request.ts';
import { readJson, readQuery } from './read-json.ts';

export interface RecordRouteParts {
  audit: Audit;
  signer: Pick<SignerClient, 'status' | 'readJournal'>;
  signers: Pick<HouseSigners, 'names' | 'more'>;
  logs: HouseLogs;
  feed: Pick<Feed, 'refresh'>;
  anchors: Pick<HouseAnchors, 'made'>;
  clock: Clock;
  operatorOnly: MiddlewareHandler;
}

const count = z.coerce.number().int().min(0);
const findingQuery = z.strictObject({
  tenant: z.string().max(63).optional(),
  limit: count.min(1).max(1000).default(100),
});
const id = z.string().min(1).max(256);
const revocation = z.union([
  z.strictObject({ logIndex: z.int().min(0), logOrigin: id.optional() }),
  z.strictObject({ jti: id }),
  z.strictObject({ realm: id, rootAuthId: id }),
  z.strictObject({ realm: id, sessionId: id }),
]);

export function recordRoutes(parts: RecordRouteParts): Hono {
  const { audit, logs, feed, anchors, operatorOnly } = parts;
  const quiet = new QuietReads(parts.clock);
  const routes = new Hono();
  for (const path of ['/findings', '/findings/*', '/reconciliation', '/revocations'])
    routes.use(path, operatorOnly);

  routes.get('/findings', async (context) => {
    const { tenant, limit } = readQuery(context, findingQuery);
    const findings = await audit.listFindings({
      limit,
      ...(tenant === undefined ? {} : { tenant }),
    });
    await noteFindings(parts, quiet, context, findings);
    const quarantined = new Set(
      (await audit.listQuarantined()).map(({ issuer, kid }) => `${kid} ${issuer}`),
    );
    return context.json({
      findings: findings.map((finding) => describeFinding(finding, quarantined)),
    });
  });
  routes.get('/findings/:id/evidence', async (context) => {
    const finding = (await audit.listFindings({ limit: 1000 })).find(
      ({ uid }) => uid === context.req.param('id'),
    );
    const evidence =
      finding?.tokenHash === undefined ? undefined : await audit.findEvidence(finding.tokenHash);
    if (evidence === undefined)
      throw new CodedError('not_found', 'There is no evidence for such a finding.');
    await recordRead(parts, {
      ...{ reader: operatorAsReader(context), request: describeRequest(context) },
      ...{ operation: 'evidence', filter: `finding ${finding?.uid}` },
      counts: new Map([[finding?.tenant ?? INSTALLATION, 1]]),
    });
    return context.json(evidence, 200, { 'cache-control': 'no-store' });
  });
  routes.get('/reconciliation', async (context) => {
    const [journals, sizes, progress, made] = await Promise.all([
      journalsOf(parts),
      sizesOf(logs),
      audit.readProgress(),
      anchors.made(),
    ]);
    return context.json({ ...journals, ...sizes, ...progress, anchors: made });
  });
  routes.post('/revocations', async (context) => {
    const revoked = await audit.revoke({
      target: targetOf(await readJson(context, revocation), audit.logOrigins),
      reason: 'administrator',
    });
    await feed.refresh();
    return context.json({ revoked }, 200);
  });
  return routes;
}

/** Findings about a tenant are its own: that staff looked stands in its record, once for what was new. */
async function noteFindings(
  parts: RecordRouteParts,
  quiet: QuietReads,
  context: Context,
  findings: readonly Finding[],
): Promise<void> {
  const reader = operatorAsReader(context);
  const counts = new Map<string, number>();
  const newest = new Map<string, string>();
  for (const { tenant, uid } of findings) {
    if (tenant === undefined) continue;
    counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
    newest.set(tenant, newest.get(tenant) ?? uid);
  }
  for (const [tenant, uid] of newest) {
    if (!quiet.isNew(['findings', reader.id, reader.reason ?? '', tenant, uid])) {
      counts.delete(tenant);
    }
  }
  const request = describeRequest(context);
  await recordRead(parts, { reader, request, operation: 'findings', filter: '', counts });
}

/** Of several signers one may be away, which is then said; the only signer must answer. */
async function journalsOf({ signer, signers }: Pick<RecordRouteParts, 'signer' | 'signers'>) {
  if (signers.more.length === 0) return { signed: (await signer.status()).lastNumber };
  const journals = await Promise.all(
    [signer, ...signers.more].map(async ({ readJournal }, at) => ({
      name: signers.names[at],
      signed: await readJournal(1, 0).then(
        ({ lastNumber }) => lastNumber,
        () => null,
      ),
    })),
  );
  return { signed: addUp(journals.map(({ signed }) => signed)), signers: journals };
}

/** Of several logs one may be away, which is then said; the only log must answer. */
async function sizesOf({ first, all }: HouseLogs) {
  if (all.length === 1) {
    const { durableSize, publishedSize } = await first.notary.size();
    return { logged: durableSize, published: publishedSize };
  }
  const logs = await Promise.all(
    all.map(async ({ origin, notary }) =>
      notary.size().then(
        ({ durableSize, publishedSize }) => ({
          origin,
          logged: durableSize,
          published: publishedSize,
        }),
        () => ({ origin, logged: null, published: null }),
      ),
    ),
  );
  return {
    logged: addUp(logs.map(({ logged }) => logged)),
    published: addUp(logs.map(({ published }) => published)),
    logs,
  };
}

/** Null when one of them is not known. */
function addUp(counts: readonly (number | null)[]): number | null {
  return counts.reduce<number | null>(
    (total, count) => (total === null || count === null ? null : total + count),
    0,
  );
}

function describeFinding(finding: Finding, quarantined: ReadonlySet<string>) {
  const { uid, happenedMs, ...rest } = finding;
  return {
    id: uid,
    firstUseMs: happenedMs,
    ...rest,
    quarantined: quarantined.has(`${finding.kid} ${finding.issuer}`),
  };
}

/** @throws CodedError `bad_request`, `not_found`, `bad_realm` */
function targetOf(
  asked: z.infer<typeof revocation>,
  logOrigins: readonly string[],
): RevocationTarget {
  if ('jti' in asked) return { jtiHash: createHash('sha256').update(asked.jti).digest('hex') };
  if ('logIndex' in asked) return placeOf(asked, logOrigins);
  return { ...asked, realm: realmId(parseRealmId(asked.realm)) };
}

/** A place is told in full where an index alone could be that of another token. */
function placeOf(
  { logIndex, logOrigin }: { logIndex: number; logOrigin?: string | undefined },
  logOrigins: readonly string[],
): RevocationTarget {
  if (logOrigin === undefined) {
    if (logOrigins.length <= 1) return { logIndex };
    const message = `There are several logs; say in logOrigin which one: ${logOrigins.join(', ')}.`;
    throw new CodedError('bad_request', message);
  }
  if (!logOrigins.includes(logOrigin)) {
    throw new CodedError('not_found', 'The logOrigin is none of the logs of this house.');
  }
  return { logIndex, logOrigin };
}
