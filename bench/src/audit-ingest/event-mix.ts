// Events as a house has them: people sign in, each sign-in has tokens issued, and verifiers report uses
// of these soon after. One sign-in, four tokens, five uses; random ids and hashes are random here too.

import { createHash, randomBytes } from 'node:crypto';
import type { CountersignEvent, TokenFacts } from '@countersign/vocabulary';
import { type RealmId, realmId } from '@countersign/vocabulary';

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'okhttp/4.12.0',
];
const VERIFIER = { name: '@countersign/verifier', version: '0.1.0' };
const PEOPLE = 20_000;
/** Sessions at work at a time: what one does lies among what the others do. */
const AT_WORK = 64;
const TOKENS_EACH = 4;
const USES_EACH = 5;

interface Session {
  tenant: string;
  realm: RealmId;
  subject: string;
  facts: Pick<CountersignEvent, 'clientId' | 'sessionId' | 'request' | 'subject' | 'realm'>;
  rootAuthId: string;
  tokens: TokenFacts[];
  issued: number;
  used: number;
}

/** @returns the next events, one after the other, as if it were `nowMs` */
export function openEventMix(tenants: readonly string[]): (nowMs: number) => CountersignEvent {
  let made = 0;
  const kids = new Map(tenants.map((tenant) => [tenant, randomBytes(32).toString('base64url')]));
  const start = (): Session => {
    made += 1;
    return newSession(made, tenants);
  };
  const sessions = Array.from({ length: AT_WORK }, () => undefined as Session | undefined);
  let turn = 0;
  return (nowMs) => {
    turn = (turn + 1) % AT_WORK;
    const session = sessions[turn];
    if (session === undefined || session.used === USES_EACH) {
      const next = start();
      sessions[turn] = next;
      return signIn(next, nowMs);
    }
    if (session.issued < TOKENS_EACH && session.issued <= session.used) {
      return issue(session, kids.get(session.tenant) ?? '', made, nowMs);
    }
    return use(session, nowMs);
  };
}

function newSession(made: number, tenants: readonly string[]): Session {
  const tenant = tenants[made % tenants.length] ?? '';
  const realm = realmId({ tenant, population: 'workforce' });
  const person = Math.floor(Math.random() * PEOPLE);
  const subject = createHash('sha256').update(`p${person}`).digest('base64url').slice(0, 22);
  return {
    ...{ tenant, realm, subject, tokens: [], issued: 0, used: 0 },
    rootAuthId: draw(16).toString('base64url'),
    facts: {
      ...{ realm, subject, clientId: `app-${made % 7}` },
      sessionId: draw(16).toString('base64url'),
      request: {
        ip: `198.51.${person % 100}.${person % 250}`,
        userAgent: AGENTS[person % 4] ?? '',
      },
    },
  };
}

function signIn({ facts, rootAuthId }: Session, timeMs: number): CountersignEvent {
  const token = { kind: 'other', rootAuthId } as const;
  return { ...facts, name: 'session.started', timeMs, token, extra: { factors: 'pwd,webauthn' } };
}

function issue(session: Session, kid: string, number: number, timeMs: number): CountersignEvent {
  const seconds = Math.floor(timeMs / 1000);
  const issuer = `https://id.example/${session.realm}`;
  const token: TokenFacts = {
    ...{ kind: 'access', kid, alg: 'ES256', typ: 'at+jwt', issuer, scope: 'mail.read files.read' },
    ...{ tokenHash: hash(), jtiHash: hash(), leafHash: hash(), rootAuthId: session.rootAuthId },
    ...{ subject: session.subject, audience: [`https://api-${number % 5}.example`] },
    ...{ issuedAtSeconds: seconds, expiresAtSeconds: seconds + 600, logIndex: number },
    ...{ logOrigin: 'id.example/log', journalNumber: number },
  };
  session.tokens.push(token);
  session.issued += 1;
  return { ...session.facts, name: 'token.issued', timeMs, token };
}

function use(session: Session, timeMs: number): CountersignEvent {
  const token = session.tokens[session.used % session.tokens.length];
  session.used += 1;
  const { leafHash: _, scope: __, ...seen } = token ?? { kind: 'access' as const };
  const extra = { reporter: 'mail-api', reportId: draw(16).toString('base64url') };
  return {
    ...session.facts,
    name: 'token.verified',
    timeMs,
    token: seen,
    verifier: VERIFIER,
    extra,
  };
}

// Drawn many at once: what makes the events is not what is measured.
let pool = randomBytes(0);
let used = 0;
function draw(count: number): Buffer {
  if (used + count > pool.length) {
    pool = randomBytes(65_536);
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}

function hash(): string {
  return draw(32).toString('hex');
}
