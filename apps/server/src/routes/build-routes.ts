// All routes of the server but the realms' own: one list, from path to room.

import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import type { SignerClient } from '@countersign/keys';
import type { KeyLives, KeyPauses } from '@countersign/provider';
import { LogPulse } from '@countersign/transparency';
import type { TenantTagKey, VerifierPolicy } from '@countersign/verifier';
import { type Clock, CodedError } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Logger } from 'pino';
import type { HouseAnchors } from '../anchors/open-anchors.ts';
import type { HouseArchive } from '../archive/open-archive.ts';
import type { OpenedSurroundings } from '../context/open-surroundings.ts';
import type { Feed } from '../feed/publish-feed.ts';
import { shareKeyList } from '../keys/share-key-list.ts';
import type { HouseLogs } from '../logs/learn-logs.ts';
import { answerProblem } from '../problem.ts';
import type { OpenedRisk } from '../risk/open-risk.ts';
import type { DataFolder } from '../settings/open-data-folder.ts';
import type { HouseSigners } from '../signers/learn-signers.ts';
import type { HouseSinks } from '../sinks/open-sinks.ts';
import type { HouseSources } from '../sources/open-sources.ts';
import { watchdogRoutes } from '../watchdog/serve-view.ts';
import type { Witnessing } from '../witnessing/witnessing.ts';
import { operatorOnly } from './authenticate.ts';
import { readerOnly } from './authenticate-reader.ts';
import { riskRoutes } from './build-risk-routes.ts';
import { trailRoutes } from './build-trail-routes.ts';
import { administrationRoutes } from './serve-administration.ts';
import { dumpRoutes } from './serve-dumps.ts';
import { healthRoutes } from './serve-health.ts';
import { drillRoutes } from './serve-key-drills.ts';
import { pauseRoutes } from './serve-key-pauses.ts';
import { keyStatusRoutes } from './serve-key-status.ts';
import { keyRoutes } from './serve-keys.ts';
import { logRoutes } from './serve-log.ts';
import { operatorRoutes } from './serve-operators.ts';
import { passkeyRoutes } from './serve-passkeys.ts';
import { recordRoutes } from './serve-record.ts';
import { sinkRoutes } from './serve-sinks.ts';
import { sourceRoutes } from './serve-sources.ts';
import { submissionRoutes } from './serve-submissions.ts';
import { tagKeyRoutes } from './serve-tag-keys.ts';
import { verifierRoutes } from './serve-verifiers.ts';

export interface RouteParts {
  data: DataFolder;
  directory: Directory;
  audit: Audit;
  archive: HouseArchive;
  anchors: HouseAnchors;
  sources: HouseSources;
  sinks: HouseSinks;
  signer: SignerClient;
  signers: HouseSigners;
  logs: HouseLogs;
  feed: Feed;
  risk: Pick<OpenedRisk, 'house' | 'engine' | 'uses'>;
  surroundings?: Pick<OpenedSurroundings, 'sources'>;
  /** Resolves when the store can commit. */
  storeAnswers(): Promise<void>;
  log: Logger;
  describePolicy(issuer: string): Promise<VerifierPolicy>;
  logPolicy: string;
  tagKeyOf(tenant: string): TenantTagKey;
  clock: Clock;
  keyLives: KeyLives;
  pauses: KeyPauses;
  onUses(): void;
  witnessings: readonly Witnessing[];
  /** What the watchdog of this run shows. */
  watchdogCredential: string;
}

/** 500 uses with evidence of 16 KiB would be 8 MiB; verifiers send far smaller batches. */
const LARGEST_BODY_BYTES = 2 * 1024 * 1024;

export function buildRoutes(parts: RouteParts): Hono {
  const { data, directory, audit, logs, log } = parts;
  const operator = operatorOnly(data.secret('operator-token'), directory.operators);
  const { operators, readers } = directory;
  const reader = readerOnly({ operatorToken: data.secret('operator-token'), operators, readers });
  const tooLarge = (): never => {
    throw new CodedError('too_large', 'The body is larger than this route takes.');
  };
  const app = new Hono();
  const ordinary = bodyLimit({ maxSize: LARGEST_BODY_BYTES, onError: tooLarge });
  app.use((context, next) =>
    // Imports are larger, and are measured once it is known who sends them.
    context.req.path === '/api/v1/imports' ? next() : ordinary(context, next),
  );
  const recentKeys = shareKeyList(parts.keyLives);
  app.route('/', healthRoutes({ ...parts, recentKeys }));
  for (const { shown, notary } of logs.all) {
    if (shown === undefined) continue;
    const pulse = new LogPulse({ notary, clock: parts.clock, promises: shown.promises });
    app.route(shown.path, logRoutes(shown.folder, pulse));
  }
  app.route(
    '/api/v1',
    verifierRoutes({
      ...{ ...parts, reporters: directory.reporters },
      onReport: parts.risk.uses.take,
    }),
  );
  app.route(
    '/api/v1',
    submissionRoutes({
      notary: logs.first.notary,
      authenticate: (credential) => directory.submitters.authenticate(credential),
    }),
  );
  app.route('/api/v1', administrationRoutes(directory, operator));
  const { tenants } = directory;
  const { tagKeyOf, clock } = parts;
  app.route('/api/v1', passkeyRoutes({ directory, audit, clock, readerOnly: reader }));
  app.route('/api/v1', operatorRoutes({ operators, audit, clock, log, operatorOnly: operator }));
  app.route('/api/v1', tagKeyRoutes({ tenants, audit, tagKeyOf, clock, operatorOnly: operator }));
  app.route('/api/v1', recordRoutes({ ...parts, operatorOnly: operator }));
  app.route('/api/v1', trailRoutes(parts, reader));
  app.route('/api/v1', riskRoutes({ ...parts, operatorOnly: operator, readerOnly: reader }));
  app.route('/api/v1', pauseRoutes({ pauses: parts.pauses, operatorOnly: operator }));
  const { list: sources, nudge: onDue } = parts.sources;
  app.route(
    '/api/v1',
    sourceRoutes({ sources, tenants, audit, clock, onDue, operatorOnly: operator }),
  );
  const { list: sinks, newest } = parts.sinks;
  app.route('/api/v1', sinkRoutes({ sinks, newest, tenants, audit, clock, readerOnly: reader }));
  app.route('/api/v1', dumpRoutes({ audit, clock, log, operatorOnly: operator }));
  const { keyLives, pauses, watchdogCredential: credential } = parts;
  const checkIssuer = parts.describePolicy;
  app.route(
    '/api/v1',
    keyRoutes({ keyLives, audit, clock, log, checkIssuer, operatorOnly: operator }),
  );
  app.route('/api/v1', drillRoutes({ keyLives, audit, clock, operatorOnly: operator }));
  app.route('/api/v1', keyStatusRoutes({ keyLives, recentKeys, pauses, clock, checkIssuer }));
  app.route('/api/v1', watchdogRoutes({ keyLives, credential, clock }));
  answerProblems(app, log);
  return app;
}

function answerProblems(app: Hono, log: Logger): void {
  const onUnexpected = (error: unknown): void => log.error({ err: error }, 'a request failed');
  app.notFound((context) =>
    answerProblem(context, new CodedError('not_found', 'There is nothing here.'), onUnexpected),
  );
  app.onError((error, context) => answerProblem(context, error, onUnexpected));
}
