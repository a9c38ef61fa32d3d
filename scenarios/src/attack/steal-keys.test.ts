// The attacker's tools work on what the key room really writes.

import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { commitToken, decodeLeafEntry, decodeReceipt } from '@countersign/verifier';
import { forgeReceipt, impostorLog } from './forge-receipt.ts';
import { type Draft, draftToken, leafOf, signDraft } from './forge-token.ts';
import { plantOldKey } from './plant-old-key.ts';
import { readClaims } from './read-claims.ts';
import { countKeyFiles, type StolenKey, stealKey } from './steal-keys.ts';

const ISSUER = 'http://localhost:4600/acme/customer';

describe('the attacker', () => {
  let folder: string;
  let key: StolenKey;
  let draft: Draft;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-attack-'));
    const madeAt = new Date('2016-04-05T00:00:00Z');
    const old = { issuer: ISSUER, tenant: 'acme', population: 'customer', madeAt };
    await plantOldKey(folder, old);
    const secret = (name: string) => readFileSync(join(folder, 'secrets', name), 'utf8').trim();
    assert.equal(countKeyFiles({ data: folder, secret }), 1);
    key = stealKey({ data: folder, secret }, ISSUER);
    draft = draftToken(key, { iss: ISSUER, sub: 'a', aud: 'b', tenant: 'acme' }, { sub: 'victim' });
  });
  after(() => rmSync(folder, { recursive: true }));

  it('opens the key of 2016, whose scope says that its time is over', () => {
    const { scope, publicJwk } = key.record;
    assert.equal(new Date(scope.notBeforeSeconds * 1000).getUTCFullYear(), 2016);
    assert.ok(scope.notAfterSeconds < Date.now() / 1000);
    assert.equal(publicJwk.iss, ISSUER);
  });

  it('does not open it with another passphrase', () => {
    assert.throws(() => stealKey({ data: folder, secret: () => 'wrong' }, ISSUER), {
      code: 'passphrase_wrong',
    });
  });

  it('makes a token whose signature is good', () => {
    const token = signDraft(draft);
    const [header, payload, signature = ''] = token.split('.');
    const publicKey = {
      key: { ...key.record.publicJwk },
      format: 'jwk',
      dsaEncoding: 'ieee-p1363',
    };
    assert.ok(
      verify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        publicKey as unknown as Parameters<typeof verify>[2],
        Buffer.from(signature, 'base64url'),
      ),
    );
    const { claims, header: members } = readClaims(token);
    assert.equal(claims['sub'], 'victim');
    assert.deepEqual(Object.keys(members), ['alg', 'kid', 'typ']);
  });

  it('makes the leaf that the real issuer would have logged', () => {
    const { kid, alg } = key.record;
    const leaf = decodeLeafEntry(leafOf(draft, 1_800_000_000_000));
    assert.deepEqual(
      leaf.commitment,
      commitToken({
        iss: ISSUER,
        kid,
        alg,
        typ: 'at+jwt',
        payloadSegment: signDraft(draft).split('.')[1] ?? '',
      }),
    );
    assert.equal(leaf.expiresAtSeconds, draft.claims['exp']);
  });

  it('makes a receipt that reads like one, in the header of the token', () => {
    const issuedMs = Date.now();
    const made = forgeReceipt(impostorLog('localhost:4600/log'), leafOf(draft, issuedMs), {
      index: 7,
      issuedMs,
    });
    const { itr } = readClaims(signDraft(draft, made)).header;
    const receipt = decodeReceipt(Buffer.from(String(itr), 'base64url'));
    assert.equal(receipt.index, 7);
    assert.equal(receipt.issuedMs, issuedMs);
  });
});
