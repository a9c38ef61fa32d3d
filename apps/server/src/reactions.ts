// When this happens, do that, leaving this: what follows from what, in one table. Each reaction
// may run more than once for the same cause and then changes nothing.

import type { Finding } from '@countersign/audit';
import type { Logger } from 'pino';
import type { Feed } from './feed/publish-feed.ts';
import type { HouseKeys } from './keys/open-key-lives.ts';

export interface ReactionParts {
  feed: Pick<Feed, 'refresh'>;
  keys: Pick<HouseKeys, 'nudge'>;
  log: Logger;
}

export interface Reactions {
  onFinding(finding: Finding): Promise<void>;
  onRevoked(): void;
}

//  when                     do                                        leaving
//  ───────────────────────  ────────────────────────────────────────  ─────────────────────────────
//  a finding is durable     publish the feed; tell the operator's log the quarantined kid, in the feed
//  a key was quarantined    stop it in the signer; its standby signs  key.revoked, key.compromised
//    or revoked               (provider: key-lives/settle-issuer.ts)
//  a key's turn is over     the standby signs, a new one is shown     key.activated, key.rotated,
//                             (provider: key-lives/take-turns.ts)       key.retiring
//  a key ended, or is not   log it (follow-key-lives.ts)              its entry, in the log
//    in the log yet
//  tokens were revoked      publish the feed                          their log indexes, in the feed
//  use reports came in      wake the reconciler (run-reconciler.ts)   findings, if there are any
//  a checkpoint was signed  ask the witnesses (witnessing/)           their cosignatures on it
//  no quorum for a minute   tell the operator's log                   log.unwitnessed on record
//  a witness has seen more  the notary stops for good                 log.forked on record
//  ten seconds are over     monitor our own log (monitoring/)         log.forked or log.stale, if so
//  a finding is proven and  let it speak for whom it names            risk.assessed, risk.detected,
//    names somebody           (risk/judge-findings.ts)                risk.changed
//  somebody’s risk rose until end their sign-ins, revoke their tokens       session.ended, token.revoked
//    policy lets them no      (risk/end-risky-sign-ins.ts)
//    further
//  a day is over            look at rates and inputs, tidy the memory  risk.drifted, if so
//                             (risk/watch-drift.ts)
//  the watchdog wrote       record it (watchdog/record-alarms.ts)     key.age_alarm,
//    an alarm                                                         key.rotator_silent,
//                                                                     key.disagreement
export function createReactions({ feed, keys, log }: ReactionParts): Reactions {
  const failed = (what: string) => (error: unknown) => log.error({ err: error }, what);
  return {
    onFinding: async (finding) => {
      const { uid, realm, kid, reason, message, logIndex, secondsToAlarm } = finding;
      const line = { finding: finding.class, uid, realm, kid, reason, logIndex, secondsToAlarm };
      if (finding.severity === 'info' || finding.severity === 'low') log.info(line, message);
      else log.warn(line, message);
      keys.nudge();
      await feed.refresh();
    },
    onRevoked: () => {
      feed.refresh().catch(failed('the feed could not be renewed after a revocation'));
    },
  };
}
