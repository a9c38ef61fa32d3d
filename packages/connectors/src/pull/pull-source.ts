// One turn at a source: from its checkpoint to where it is caught up, or to a bound. Pages come out one
// by one; whoever takes them records them and then stores the checkpoint that is with them.

import type { Clock } from '@countersign/vocabulary';
import type { Reach } from '../outbound/send-request.ts';
import { Service } from './ask-page.ts';
import type { Authoriser } from './authorise.ts';
import type { Checkpoint, PullPage } from './checkpoint.ts';
import { googleReports } from './pull-google.ts';
import { graphAudits, graphSignIns } from './pull-graph.ts';
import {
  OFFICE_KEPT_MS,
  OFFICE_LONGEST_MS,
  officeFeed,
  SeenBlobs,
  subscribe,
} from './pull-office-365.ts';
import { oktaBounded, pollOkta } from './pull-okta.ts';
import { type Feed, pullWindows, type WindowPlan } from './pull-windows.ts';
import { KIND_DEFAULTS, type SourceSettings, serviceUrl } from './source-settings.ts';

export interface PullParts {
  settings: SourceSettings;
  checkpoint: Checkpoint;
  /** Kept from turn to turn, so that an access token is fetched once. */
  authoriser: Authoriser;
  reach: Reach;
  clock: Clock;
  leaving: AbortSignal;
}

const DAY_MS = 86_400_000;

/** @throws CodedError PullCode, OutboundCode */
export async function* pullSource(parts: PullParts): AsyncGenerator<PullPage, void> {
  const { settings, checkpoint, authoriser, reach, clock, leaving } = parts;
  const base = serviceUrl(settings, reach);
  const service = new Service({ base, authoriser, reach, clock, leaving });
  const startedMs = clock.nowMs();
  const plan = planOf(settings);
  const windows = (feeds: readonly Feed[], at: Checkpoint, own: WindowPlan = plan) =>
    pullWindows(service, feeds, own, at, startedMs);
  switch (settings.kind) {
    case 'graph-sign-ins':
      yield* windows([graphSignIns(base)], checkpoint);
      return;
    case 'graph-audits':
      yield* windows([graphAudits(base)], checkpoint);
      return;
    case 'google-reports':
      yield* windows(
        feedsOf(settings).map((name) => googleReports(base, name)),
        checkpoint,
      );
      return;
    case 'okta':
      yield* pullOkta(service, plan, checkpoint, startedMs);
      return;
    case 'office-365': {
      const tenant = await authoriser.microsoftTenant();
      const names = feedsOf(settings);
      const at = yield* subscribe(service, tenant, names, checkpoint);
      const seen = new SeenBlobs(at.seen);
      const feeds = names.map((name) => officeFeed(service, tenant, name, seen));
      const overlapMs = Math.min(plan.overlapMs, OFFICE_LONGEST_MS / 2);
      // The API refuses more than a day, overlap included.
      const longestMs = OFFICE_LONGEST_MS - overlapMs;
      const own = { ...plan, overlapMs, longestMs, keptMs: OFFICE_KEPT_MS };
      for await (const page of windows(feeds, at, own)) {
        yield { ...page, checkpoint: { ...page.checkpoint, seen: seen.list } };
      }
    }
  }
}

async function* pullOkta(
  service: Service,
  plan: WindowPlan,
  checkpoint: Checkpoint,
  startedMs: number,
): AsyncGenerator<PullPage, void> {
  let at = checkpoint;
  // Polling from long ago is allowed, but nobody could tell how far it is.
  if (at.poll === undefined) {
    at = yield* pullWindows(service, [oktaBounded(service.base)], plan, at, startedMs);
    if (at.window !== undefined || (at.watermarkMs ?? 0) < startedMs) return;
  }
  yield* pollOkta(service, plan.overlapMs, at, startedMs);
}

function planOf(settings: SourceSettings): WindowPlan {
  const { overlapSeconds, backfillDays } = settings;
  return {
    backfillMs: backfillDays * DAY_MS,
    overlapMs: (overlapSeconds ?? KIND_DEFAULTS[settings.kind].overlapSeconds) * 1000,
    longestMs: DAY_MS,
  };
}

function feedsOf({ kind, feeds }: SourceSettings): readonly string[] {
  return feeds ?? KIND_DEFAULTS[kind].feeds;
}
