// A session taken out of a browser: access token and refresh token, as malware finds them. No password and
// no factor is asked for again, so that only the way it goes on can tell.

import { showPeers } from '../src/peers/show-peers.ts';
import { refreshTokens } from '../src/stage/enter-app.ts';
import { openOurVerifier, pinPolicy } from '../src/stage/our-verifier.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { Visitor } from '../src/stage/visit-pages.ts';
import { explainLast, sayWhy, takeoverOf } from './explain-act.ts';
import type { UsualDays } from './live-as-usual.ts';
import { TOKEN_THIEF } from './places.ts';
import { API, type House } from './stage.ts';

const ENDED_WITHIN_MS = 20_000;

export async function stealSession(
  stage: Stage,
  house: House,
  { partner: { tokens, visitor } }: UsualDays,
): Promise<Found<void>> {
  const { partner, server, credential } = house;
  const { issuer, realm } = partner.app;
  const policy = await pinPolicy(server, issuer);
  const ours = openOurVerifier({ policy, audience: API, credential });
  stage.closing.defer(() => ours.close());
  const seenAt = ({ ip, userAgent }: { ip: string; userAgent: string }) =>
    ours.judge(tokens.access, { tenant: 'acme', ip, userAgent });
  const own = await seenAt(visitor.place);
  claim(own.accepted, `The partner’s own use is refused: ${own.code}.`);
  await ours.flush();
  const stolen = await seenAt(TOKEN_THIEF);
  claim(stolen.accepted, `The first use of a stolen token is refused: ${stolen.code}.`);
  const usedMs = performance.now();
  await ours.flush();
  await ours.awaitRefusal(tokens.access, 'token_revoked', ENDED_WITHIN_MS);
  const seconds = (performance.now() - usedMs) / 1000;
  const jwksUri = policy.issuers.find((entry) => entry.issuer === issuer)?.jwksUri ?? '';
  const setup = { issuers: [issuer], audience: API, jwksUri, algorithm: 'ES256' } as const;
  const peers = await showPeers(setup, tokens.access);
  stage.note({
    peers: peers.map(({ name, version, accepted, reason }) => ({
      ...{ name, version, accepted },
      detail: accepted ? 'signed, and not expired yet' : reason,
    })),
    countersign: { refused: true, code: 'token_revoked' },
    alarm: { raised: true, secondsToAlarm: seconds, kid: '', quarantined: false },
  });
  const explained = await explainLast(house, { realm, subject: partner.id, kind: 'use' });
  claim(explained.level === 'high', `The use scores ${explained.score}: ${sayWhy(explained)}`);
  const outcome = { stopped: true, ended: `${seconds.toFixed(1)} s after the first use` };
  house.takeovers.push(takeoverOf('partner', explained, outcome));
  stage.note({ takeovers: house.takeovers });
  return {
    detail: `${seconds.toFixed(1)} s after its first use abroad the session has ended and its tokens are revoked: ${sayWhy(explained)} ${peers.filter(({ accepted }) => accepted).length} of ${peers.length} other verifiers go on accepting it`,
    value: undefined,
  };
}

export async function refreshElsewhere(
  { partner, operator }: House,
  { partner: { tokens } }: UsualDays,
): Promise<Found<void>> {
  const reply = await refreshTokens(partner.app, new Visitor(TOKEN_THIEF), tokens.refresh);
  claim('error' in reply, 'The stolen refresh token gives another token.');
  claim(reply.error === 'invalid_grant', `The refresh token is answered with ${reply.error}.`);
  const ended = await operator.events('session.ended');
  const ofPartner = ended.filter((event) => JSON.stringify(event).includes(partner.id));
  claim(ofPartner.length > 0, 'No end of the partner’s session is on record.');
  return {
    detail: `the refresh token gets ${reply.error}; ${ofPartner.length} sessions of the partner have ended, each on record (session.ended)`,
    value: undefined,
  };
}
