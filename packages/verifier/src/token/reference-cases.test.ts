// The ways in which a receipt can be used for a token that it was not given for, one test a case, by
// name. Every token here carries a good signature: its thief holds the issuer's key.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import { createDeferredAuditor } from '../deferred-audit/audit-accepted.ts';
import type { AuditAlarm } from '../deferred-audit/audit-alarm.ts';
import { PocketLog } from '../deferred-audit/pocket-log.fixture.ts';
import { decodeReceipt, encodeReceipt } from '../receipt/encode-receipt.ts';
import type { RefusalCode } from '../refusal.ts';
import { issuer, verify } from '../testing/refusal-table.ts';
import { AUDIENCE, ISSUER, NOW_MS, segment, TestIssuer } from '../testing/test-issuer.ts';
import { TestLog } from '../testing/test-log.ts';

interface Parts {
  header: Record<string, unknown> & { itr: string };
  payload: Record<string, unknown>;
  payloadSegment: string;
}

function open(token: string): Parts {
  const [head = '', payloadSegment = ''] = token.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: read(head), payload: read(payloadSegment), payloadSegment };
}

const genuine = () => open(issuer.issue());
const sign = (header: unknown, payloadSegment: string) =>
  issuer.sign(segment(header), payloadSegment);
const flipped = (text: string, at: number) =>
  Buffer.from(
    Buffer.from(text, 'base64url').map((byte, place) => (place === at ? byte ^ 1 : byte)),
  );

/** The genuine receipt with one member changed, as a token of its own payload. */
function rewritten(change: (itr: Uint8Array) => Uint8Array): string {
  const { header, payloadSegment } = genuine();
  const itr = Buffer.from(change(Buffer.from(header.itr, 'base64url'))).toString('base64url');
  return sign({ ...header, itr }, payloadSegment);
}

const cases: [what: string, code: RefusalCode, token: () => string][] = [
  [
    'stripped of its receipt',
    'receipt_missing',
    () => {
      const { header, payloadSegment } = genuine();
      const { itr: _, ...bare } = header;
      return sign(bare, payloadSegment);
    },
  ],
  [
    "with another token's receipt",
    'receipt_invalid',
    () => sign({ ...genuine().header, itr: genuine().header.itr }, genuine().payloadSegment),
  ],
  [
    'with the receipt of the other of its batch',
    'receipt_invalid',
    () => {
      const [one = '', other = ''] = issuer.issueBatch([{}, {}]);
      return sign(open(one).header, open(other).payloadSegment);
    },
  ],
  [
    'that is an ID token with the receipt of an access token',
    'receipt_invalid',
    () => {
      const { header, payloadSegment } = genuine();
      return sign({ ...header, typ: 'JWT' }, payloadSegment);
    },
  ],
  [
    'with one byte of its payload changed',
    'receipt_invalid',
    () => {
      const { header, payloadSegment } = genuine();
      const at = Buffer.from(payloadSegment, 'base64url').toString().indexOf('person-1') + 7;
      return sign(header, flipped(payloadSegment, at).toString('base64url'));
    },
  ],
  [
    'whose payload is the same JSON, written anew',
    'receipt_invalid',
    () => {
      const { header, payload } = genuine();
      return sign(header, segment(JSON.stringify(payload, null, 1)));
    },
  ],
  [
    'whose payload has its members in another order',
    'receipt_invalid',
    () => {
      const { header, payload } = genuine();
      return sign(header, segment(Object.fromEntries(Object.entries(payload).toReversed())));
    },
  ],
  [
    'whose header names a member twice',
    'json_duplicate_member',
    () => {
      const { header, payloadSegment } = genuine();
      const text = JSON.stringify(header);
      return issuer.sign(segment(`${text.slice(0, -1)},"itr":"AAAA"}`), payloadSegment);
    },
  ],
  [
    'whose receipt is base64url with loose last bits',
    'receipt_malformed',
    () => {
      const { header, payloadSegment } = genuine();
      // 83 bytes leave two bits over in the last letter.
      const last = header.itr.at(-1) ?? '';
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const loose = letters[letters.indexOf(last) + 1] ?? '';
      return sign({ ...header, itr: header.itr.slice(0, -1) + loose }, payloadSegment);
    },
  ],
  [
    'whose receipt is padded',
    'receipt_malformed',
    () => {
      const { header, payloadSegment } = genuine();
      return sign({ ...header, itr: `${header.itr}=` }, payloadSegment);
    },
  ],
  [
    'whose receipt is a list',
    'receipt_malformed',
    () => {
      const { header, payloadSegment } = genuine();
      return sign({ ...header, itr: [header.itr] }, payloadSegment);
    },
  ],
  [
    'whose receipt is longer than any',
    'receipt_malformed',
    () => {
      const { header, payloadSegment } = genuine();
      return sign({ ...header, itr: 'A'.repeat(4_000) }, payloadSegment);
    },
  ],
  [
    'whose receipt has another index',
    'receipt_invalid',
    () =>
      rewritten((bytes) => {
        const receipt = decodeReceipt(bytes);
        return encodeReceipt({ ...receipt, index: receipt.index + 1 });
      }),
  ],
  [
    'whose receipt covers a subtree that its index is not in',
    'receipt_malformed',
    () => rewritten((bytes) => bytes.map((byte, at) => (at === bytes.length - 66 ? 4 : byte))),
  ],
  [
    'whose receipt names another log by its key id',
    'receipt_key_unknown',
    () => {
      const foreign = new TestLog('other.example/log').receiptKey.id;
      return rewritten((bytes) => encodeReceipt({ ...decodeReceipt(bytes), keyId: foreign }));
    },
  ],
  [
    'whose receipt is of a time in the future',
    'receipt_time_skew',
    () => issuer.issue({ logSkewMs: 60_001 }),
  ],
  [
    'whose receipt is a minute older than it says to be',
    'receipt_time_skew',
    () => issuer.issue({ logSkewMs: -60_001 }),
  ],
];

describe('a token with a good signature', () => {
  for (const [what, code, token] of cases) {
    it(`${what} is refused as ${code}`, async () => {
      assert.ok(await verify({ token: issuer.issue() }), 'a genuine one is accepted');
      const forged = token();
      const context = open(forged).header['typ'] === 'JWT' ? { type: 'id' as const } : {};
      await assert.rejects(verify({ token: forged, context }), { code });
    });
  }

  it('whose key is another one of the issuer cannot take over a receipt by its kid', async () => {
    const other = new TestIssuer('ES256', issuer.log, 'key-2');
    const { header, payloadSegment } = genuine();
    const token = other.sign(segment({ ...header, kid: 'key-2' }), payloadSegment);
    const keys = await other.keys();
    await assert.rejects(verify({ token, options: { keys } }), { code: 'receipt_invalid' });
  });

  it('whose algorithm is another cannot take over a receipt by its alg', async () => {
    const other = new TestIssuer('EdDSA', issuer.log, issuer.kid);
    const { header, payloadSegment } = genuine();
    const token = other.sign(segment({ ...header, alg: 'EdDSA' }), payloadSegment);
    const options = { keys: await other.keys() };
    const policy = { algorithms: ['ES256' as const, 'EdDSA' as const] };
    await assert.rejects(verify({ token, options, policy }), { code: 'receipt_invalid' });
  });

  it('is refused with a receipt of a log key that the policy has retired', async () => {
    const token = issuer.issue();
    const successor = { ...issuer.logPolicy(), receiptKey: new TestLog().receiptKeyText };
    const receipts = { mode: 'required' as const, logs: [successor], startByKid: {} };
    await assert.rejects(verify({ token, policy: { receipts } }), { code: 'receipt_key_unknown' });
  });

  it('needs its receipt whatever token, header or key set say of requirements', async () => {
    const claims = { itr_required: false, receipts: 'off', require_receipt: false };
    const token = issuer.forge({ claims });
    const relaxed = { ...(await issuer.key()), receipts: 'off', itr_required: false };
    const keys = { key: () => relaxed, generation: 0 };
    await assert.rejects(verify({ token, options: { keys } }), {
      code: 'receipt_missing',
      alarm: true,
    });
  });

  it('and a receipt made with the stolen log key is found by the audit within seven seconds', async () => {
    const thief = new TestIssuer('ES256');
    const log = new PocketLog(thief.log.origin);
    const { checkpointKey, url } = log;
    let nowMs = NOW_MS;
    const clock = { nowMs: () => nowMs };
    const alarms: AuditAlarm[] = [];
    const place = { ...thief.logPolicy(), checkpointKey, url };
    const auditor = createDeferredAuditor({
      logs: [place],
      clock,
      fetch: log.fetch,
      onAlarm: (alarm) => alarms.push(alarm),
      pollMs: 1_000_000,
    });
    const policy = thief.policy({
      receipts: { mode: 'required', logs: [place], startByKid: {} },
    });
    const verifier = createVerifier(policy, { clock, keys: await thief.keys(), auditor });
    // The real log has a leaf; the thief's receipt promises one behind it.
    log.grow(1);
    thief.log.leafHashes.push(...log.leaves);
    const forged = thief.issue();
    assert.ok(await verifier.verifyToken(forged, { audience: AUDIENCE }));
    for (let second = 0; second < 7 && alarms.length === 0; second += 1) {
      nowMs += 1_000;
      await auditor.audit();
    }
    assert.deepEqual(
      alarms.map(({ kind, pair }) => [kind, pair?.issuer]),
      [['index_beyond_log', ISSUER]],
    );
    await assert.rejects(verifier.verifyToken(forged, { audience: AUDIENCE }), {
      code: 'receipt_audit_failed',
    });
  });
});
