// `npm start`: opens the stores, wires the rooms in floor order by hand, mounts the routes, runs.
// The first of the two files to read; the other is reactions.ts.

import { join } from 'node:path';
import {
  type Audit,
  createAudit,
  createReconciler,
  registerLogs,
  registerSigners,
} from '@countersign/audit';
import { createDirectory } from '@countersign/directory';
import { createProvider, keepPauses } from '@countersign/provider';
import {
  systemClock as clock,
  isCodedError,
  systemRandom as random,
} from '@countersign/vocabulary';
import { openAnchors } from './anchors/open-anchors.ts';
import { openArchive } from './archive/open-archive.ts';
import { openSurroundings } from './context/open-surroundings.ts';
import { seeVisitors } from './context/see-visitor.ts';
import { formatLogPolicy } from './feed/describe-logs.ts';
import { describePolicy } from './feed/describe-policy.ts';
import { publishFeed } from './feed/publish-feed.ts';
import { openKeyLives } from './keys/open-key-lives.ts';
import { recallPromises } from './logs/recall-promises.ts';
import { openDoor } from './open-door.ts';
import { type Ground, openGround } from './open-ground.ts';
import { describeOwnership } from './own-realms.ts';
import { PRODUCT } from './product.ts';
import { createReactions } from './reactions.ts';
import { ownKeysOf, trippedKeysOf } from './reconcile/list-own-keys.ts';
import { followAccess } from './reconcile/record-access.ts';
import { runReconciler } from './reconcile/run-reconciler.ts';
import { createEvidenceCheck } from './reconcile/verify-evidence.ts';
import { openRun } from './record-run.ts';
import { factorsAndClients } from './risk/ask-directory.ts';
import { followRisk } from './risk/follow-risk.ts';
import { openRisk } from './risk/open-risk.ts';
import { recentSignIns } from './risk/recent-sign-ins.ts';
import { buildRoutes } from './routes/build-routes.ts';
import { sayReady } from './say-ready.ts';
import { seedDemo } from './seed-demo.ts';
import { openSinks } from './sinks/open-sinks.ts';
import { openSources } from './sources/open-sources.ts';
import { watchLogs } from './watch-logs.ts';
import { keepWatchdog } from './watchdog/keep-watchdog.ts';

/** Keepers: who there is, and what happened. */
async function openKeepers(ground: Ground) {
  const { settings, data, log, store, signer, signers, logs, doubts } = ground;
  // Each needs the other: changes in the directory are on record, and it knows whose a record is.
  const directory = createDirectory({
    ...{ store, clock, random },
    record: (events, tx) => audit.record(events, tx),
  });
  const ownership = describeOwnership(settings.url, directory);
  const origins = logs.all.map(({ origin }) => origin);
  const known = await registerLogs({ store, clock }, origins);
  const audit: Audit = createAudit({
    ...{ store, clock, random, product: PRODUCT, ownership, logs: known },
    signers: await registerSigners({ store, clock }, signers.names),
  });
  doubts.tell(audit);
  await recallPromises({ logs: logs.all, audit, submitters: directory.submitters });
  const { operators } = directory;
  const pauses = keepPauses({ store, audit, clock, random, operators, signer });
  const archive = openArchive({
    ...{ settings, data, store, clock, random, log, children: ground.children.log },
    record: (events) => audit.record(events),
  });
  const { instanceId: instance } = data;
  const anchors = openAnchors({
    ...{ store, archive: archive.client, instance, logs, audit, clock, random, log },
  });
  const surroundings = openSurroundings({ lists: settings.risk.lists, clock, log });
  const risk = await openRisk({
    ...{ settings: settings.risk, store, audit, clock, random, log },
    secret: Buffer.from(data.secret('risk-keys'), 'base64url'),
    describe: surroundings.describe,
    ...factorsAndClients(directory),
  });
  const close = async (): Promise<void> => {
    await risk.close();
    surroundings.close();
    await archive.close();
  };
  return { directory, audit, pauses, archive, anchors, risk, surroundings, close };
}

/** Those who look at the log from outside: witnesses first, who know whether it is still whole. */
async function openWatchers(ground: Ground, { audit }: Keepers) {
  const { settings, data, logs, log } = ground;
  const folder = join(data.path, 'monitor');
  return await watchLogs(logs.all, { policy: settings.witnesses, folder, audit, clock, log });
}

/** What follows from what: the reconciler, the feed, and the table that joins them. */
async function openFollowers(ground: Ground, { archive, audit, pauses, anchors }: Keepers) {
  const { settings, signer, signers, logs, store, log } = ground;
  const failed = (what: string) => (err: unknown) => log.error({ err }, what);
  const feed = await publishFeed({
    audit,
    signers: logs.all,
    clock,
    onFailure: failed('the feed was not renewed'),
    onClosed: (closed) =>
      log.error({ closed }, 'verifiers refuse all tokens of these logs: too many are revoked'),
  });
  const keys = openKeyLives({
    ...{ baseUrl: settings.url, schedule: settings.keySchedule, store, signers, logs, audit },
    instanceId: ground.data.instanceId,
    ...{ pauses, feed, onFailure: failed('keys could not be turned over; it is tried again') },
  });
  const reactions = createReactions({ feed, keys, log });
  const reconciler = createReconciler({
    audit,
    readJournal: signer.readJournal,
    moreSigners: signers.more,
    listOwnKeys: ownKeysOf(signer),
    listTripped: trippedKeysOf(signer),
    readEntries: logs.first.notary.readEntries,
    moreLogs: logs.all
      .slice(1)
      .map(({ origin, notary }) => ({ origin, readEntries: notary.readEntries })),
    anchors: anchors.source,
    verifyEvidence: createEvidenceCheck(signer, logs.originOf),
    onFinding: reactions.onFinding,
  });
  await reconciler.catchUpAtBoot();
  await keys.keyLives.recallDead();
  const access = followAccess(audit, signer, signers);
  const again = failed('reconciling failed and will be tried again');
  const reconciling = runReconciler([() => reconciler.tick()], again);
  // By themselves: a key that takes long to make must not keep an alarm from being raised.
  const following = runReconciler([...keys.jobs, pauses.sweep, access.look, audit.tellGaps], again);
  const anchoring = runReconciler([anchors.tick], failed('records could not be anchored yet'));
  const sources = openSources({ ...ground, audit, clock, random });
  const sinks = openSinks({ ...ground, archive: archive.client, audit, clock, random });
  const close = async (): Promise<void> => {
    await Promise.all([sources.stop(), sinks.stop()]);
    await Promise.all([reconciling.stop(), following.stop(), anchoring.stop(), keys.close()]);
    feed.stop();
  };
  const { keyLog, keyLives } = keys;
  const { onRevoked } = reactions;
  return { feed, keyLog, keyLives, sources, sinks, onRevoked, onUses: reconciling.nudge, close };
}

/** Protocols and the door. Resolves once requests are answered. */
async function openDoors(
  ground: Ground,
  keepers: Keepers,
  followers: Followers,
  { witnessings }: Watchers,
) {
  const { settings, log, data, signer, store, logs } = ground;
  const { appender: notary, originOf } = logs;
  const { directory, audit, risk } = keepers;
  const { feed, keyLog, keyLives, onRevoked, onUses } = followers;
  const baseUrl = settings.url;
  const witnesses = settings.witnesses?.published;
  const { maxAgeSeconds: keyMaxAgeSeconds } = settings.keySchedule;
  const visitors = seeVisitors(settings.proxy);
  const provider = createProvider({
    ...{ baseUrl, store, directory, audit, signer, notary, clock, random, onRevoked },
    logKeys: logs.first.keys,
    ...(originOf === undefined ? {} : { originOf }),
    ...{ keyLog, keyLives, risk: risk.gate, ...visitors },
    recentSignIns: recentSignIns(risk.house, directory),
    secrets: { current: Buffer.from(data.secret('provider-master'), 'base64url') },
    instanceId: data.instanceId,
    onFailure: (err, reference) => log.error({ err, reference }, 'a request failed'),
  });
  const failed = (err: unknown) => log.error({ err }, 'what follows of risk is tried again');
  const following = followRisk(risk, { provider, directory, audit, onFailure: failed });
  const policyOf = (issuer: string) =>
    describePolicy({ baseUrl, keyMaxAgeSeconds, logs: logs.all, directory, witnesses }, issuer);
  const storeAnswers = () => store.transaction(async () => undefined);
  const { listen, watchdog: watching } = settings;
  const watchdog = keepWatchdog({
    ...{ folder: data.path, url: baseUrl, listen, settings: watching },
    ...{ logs: logs.all, audit, random, log },
  });
  const routes = buildRoutes({
    ...ground,
    ...keepers,
    ...{ feed, onUses, storeAnswers, sources: followers.sources, sinks: followers.sinks },
    describePolicy: policyOf,
    logPolicy: formatLogPolicy(logs.all, witnesses),
    witnessings,
    keyLives,
    watchdogCredential: watchdog.credential,
    tagKeyOf: (tenant) => ({
      ...{ tenant, keys: provider.tagKeys(tenant) },
      logs: logs.all.map(({ origin }) => origin),
      instances: [data.instanceId],
    }),
    clock,
  });
  const door = await openDoor({ listen, provider, routes, log, ...visitors });
  watchdog.start();
  const close = async (): Promise<void> => {
    await watchdog.close();
    await door.close();
    await following.stop();
    provider.close();
  };
  return { close };
}

type Keepers = Awaited<ReturnType<typeof openKeepers>>;
type Watchers = Awaited<ReturnType<typeof openWatchers>>;
type Followers = Awaited<ReturnType<typeof openFollowers>>;

async function main(): Promise<void> {
  const startedMs = performance.now();
  const ground = await openGround();
  const keepers = await openKeepers(ground);
  const run = await openRun({ ...ground, ...keepers, clock });
  const watchers = await openWatchers(ground, keepers);
  const followers = await openFollowers(ground, keepers);
  const { settings, data } = ground;
  const seeded = settings.seed
    ? await seedDemo(keepers.directory, data.path, settings.url)
    : undefined;
  const doors = await openDoors(ground, keepers, followers, watchers);
  sayReady({ settings, seeded, tookMs: performance.now() - startedMs });

  const stop = async (): Promise<void> => {
    const floors = [doors, followers, watchers, run, keepers, ground];
    for (const floor of floors) await floor.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  // A refusal says what to do; anything else is a bug and shows where.
  console.error(isCodedError(error) ? `countersign: ${error.message}` : error);
  process.exit(1);
});
