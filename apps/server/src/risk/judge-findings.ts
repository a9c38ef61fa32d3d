// What the reconciler proved of a token, as an act of whom the token names: one that a key of ours signed
// and nobody was issued, or one of ours that descends from what does not support it. What a verifier merely
// says names nobody, or it could have everybody of its tenant signed out
// (docs/decisions/0041-findings-as-acts.md).

import type { Audit } from '@countersign/audit';
import { Profile } from '@countersign/risk';
import {
  type Attempt,
  isCodedError,
  parseRealmId,
  type RealmId,
  type SubjectKind,
} from '@countersign/vocabulary';
import { type FollowedEvent, followEvents } from './follow-events.ts';
import { settleStanding, weigh } from './judge-attempts.ts';
import { recordAlongside } from './record-alongside.ts';
import type { RiskHouse } from './risk-house.ts';
import { seeAttempt } from './see-attempt.ts';

const DAY_MS = 86_400_000;
/** What was found before this was followed is over. */
const LONGEST_PAST_MS = 7 * DAY_MS;
/** Who holds a key of ours can name everybody: so many tokens a tenant and a day speak for whom they name. */
const MOST_FORGED = 50;
const MOST_FINDINGS = 1_000;

interface Asked {
  audit: Pick<Audit, 'listFindings'>;
  /** What a token's subject is in its realm; undefined for nobody. */
  whoIs(realm: RealmId, subject: string): Promise<SubjectKind | undefined>;
}

/** A job that works through what is new. */
export function judgeFindings(house: RiskHouse, asked: Asked): () => Promise<void> {
  return followEvents(
    house,
    { follower: 'judge-findings', names: ['token.forged', 'token.laundered'] },
    (event) => judgeFinding(house, asked, event),
  );
}

interface FoundFacts {
  realm?: RealmId;
  sub?: string;
  token_hash?: string;
  root_auth_id?: string;
  extra?: { proven?: boolean };
}

async function judgeFinding(
  house: RiskHouse,
  { audit, whoIs }: Asked,
  event: FollowedEvent,
): Promise<void> {
  const { countersign = {} } = (event.ocsf['unmapped'] ?? {}) as { countersign?: FoundFacts };
  const { realm, sub: subject, token_hash: tokenHash, root_auth_id: rootAuthId } = countersign;
  if (countersign.extra?.proven !== true || realm === undefined) return;
  if (subject === undefined || tokenHash === undefined) return;
  if (event.timeMs < house.clock.nowMs() - LONGEST_PAST_MS) return;
  const id = `finding-${tokenHash}`;
  if ((await house.memory.acts.find(id)) !== undefined) return;
  const subjectKind = await whoIs(realm, subject);
  if (subjectKind === undefined) return;
  if (event.name === 'token.forged' && (await areTooMany(audit, realm, event))) {
    house.log.warn({ realm }, 'too many forged tokens: this one speaks for nobody');
    return;
  }
  await speakAgainst(house, event.uid, {
    ...{ id, kind: 'use', outcome: 'success', timeMs: event.timeMs },
    ...{ realm, subject, subjectKind, tokenHash, surroundings: {} },
    ...(rootAuthId === undefined ? {} : { rootAuthId }),
  });
}

/** The earliest of a day count. */
async function areTooMany(
  audit: Asked['audit'],
  realm: RealmId,
  { uid, timeMs }: FollowedEvent,
): Promise<boolean> {
  const { tenant } = parseRealmId(realm);
  const found = await audit.listFindings({
    ...{ tenant, classes: ['forged'], raisedAfterMs: timeMs - DAY_MS, limit: MOST_FINDINGS },
  });
  const before = found.filter(
    ({ eventUid, raisedMs, proven }) => proven && raisedMs <= timeMs && eventUid < uid,
  );
  return before.length >= MOST_FORGED;
}

/** Nobody was seen acting: there are no surroundings to judge, and nothing that could be learned. */
async function speakAgainst(house: RiskHouse, causedBy: string, attempt: Attempt): Promise<void> {
  const own = await seeAttempt(house, attempt);
  const { session: _s, tokenKey: _t, ...input } = own.input;
  const seen = {
    ...own,
    input: { ...input, issuerOdd: true },
    memory: { ...own.memory, profile: new Profile() },
  };
  const { act, events } = weigh(house, seen, NOBODY_IS_ASKED);
  const told = events.map((event) => ({ ...event, causedBy }));
  const { verdict: _v, ...lesson } = act;
  try {
    await house.memory.write([lesson], (tx) => recordAlongside(house.audit, told, tx));
  } catch (error) {
    // Somebody was quicker: it is on record.
    if (!isCodedError(error) || error.code !== 'storage_conflict') throw error;
    return;
  }
  settleStanding(house, own, told);
}

const NOBODY_IS_ASKED = { hasFactor: false, otherAdministratorsAble: true } as const;
