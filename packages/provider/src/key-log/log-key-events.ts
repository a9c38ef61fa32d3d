// Every event in the life of a key is an entry of the log before it takes effect. In this order:
// announced in the ledger, appended, settled in the ledger; so a crash between two of them costs at
// most an entry that says the same twice, and never a key that the log has not seen.

import type { AnnouncedKeyEvent, Audit, KeyFact } from '@countersign/audit';
import type { PublicKeyRecord, PublicSigningJwk } from '@countersign/keys';
import type { NotaryClient } from '@countersign/transparency';
import {
  decodeBase64url,
  decodeReceipt,
  encodeHex,
  encodeKeyEntry,
  hashIssuer,
  hashLeaf,
  type KeyEvent,
  keyThumbprint,
} from '@countersign/verifier';
import { type Clock, parseRealmId, realmId } from '@countersign/vocabulary';

export interface KeyLog {
  /**
   * The receipt of the entry that says this of the key: the one on record, or that of a new entry.
   * Durable when it resolves; safe to ask again, after any failure too.
   * @throws CodedError of the log or the store; nothing may be done with the key then
   */
  ensure(event: KeyEvent, key: PublicKeyRecord): Promise<Uint8Array>;
}

export interface KeyLogParts {
  audit: Pick<Audit, 'announceKeyEvent' | 'settleKeyEvent' | 'findKeyEvent'>;
  notary: Pick<NotaryClient, 'append' | 'ready'>;
  /** Which of several logs a receipt is of. Default: there is one log. */
  originOf?(receipt: Uint8Array): string;
  clock: Clock;
}

/** Receipts remembered; the others are read from the ledger again. */
const MOST_REMEMBERED = 8192;

export function createKeyLog(parts: KeyLogParts): KeyLog {
  const known = new Map<string, Promise<Uint8Array>>();
  return {
    ensure(event, key) {
      const name = `${event} ${key.kid} ${key.scope.notAfterSeconds} ${key.scope.issuer}`;
      const asked = known.get(name);
      if (asked !== undefined) return asked;
      const asking = findOrLog(parts, event, key);
      known.set(name, asking);
      // Whoever asked hears why; the next one to ask looks anew.
      asking.catch(() => known.delete(name));
      const [oldest] = known.keys();
      if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest);
      return asking;
    },
  };
}

async function findOrLog(
  { audit, notary, clock, originOf }: KeyLogParts,
  event: KeyEvent,
  key: PublicKeyRecord,
): Promise<Uint8Array> {
  const fact = describeFact(event, key);
  const settled = await audit.findKeyEvent(fact);
  if (settled !== undefined) return settled.receipt;
  // What is announced stays announced: nothing is while the log cannot answer anyway.
  await notary.ready();
  const atMs = clock.nowMs();
  const entry = encodeKeyEntry({
    event,
    atMs,
    notAfterSeconds: fact.notAfterSeconds,
    issuerHash: hashIssuer(fact.issuer),
    thumbprint: decodeBase64url(fact.thumbprint) ?? new Uint8Array(),
    kid: fact.kid,
  });
  const { scope, alg } = key;
  const realm = realmId(parseRealmId(`${scope.tenant}/${scope.population}`));
  const leafHash = encodeHex(hashLeaf(entry));
  const announced: AnnouncedKeyEvent = { ...fact, realm, alg, atMs, leafHash };
  await audit.announceKeyEvent(announced);
  const receipt = await notary.append(entry);
  const log = originOf === undefined ? {} : { logOrigin: originOf(receipt) };
  const answer = { logIndex: decodeReceipt(receipt).index, ...log, receipt };
  return (await audit.settleKeyEvent(announced, answer)).receipt;
}

function describeFact(event: KeyEvent, { kid, scope, publicJwk }: PublicKeyRecord): KeyFact {
  const thumbprint = keyThumbprint(publicJwk) ?? '';
  return { event, issuer: scope.issuer, kid, thumbprint, notAfterSeconds: scope.notAfterSeconds };
}

/** A key as its JWKS shows it: with the receipt of the entry that published it. */
export type PublishedJwk = PublicSigningJwk & { itr: string };

export function publishedJwk(key: PublicKeyRecord, receipt: Uint8Array): PublishedJwk {
  return { ...key.publicJwk, itr: Buffer.from(receipt).toString('base64url') };
}
