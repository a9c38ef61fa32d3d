import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PublicKeyRecord } from '@countersign/keys';
import { decodeLeafEntry, encodeReceipt, hashLeaf, recogniseLeaves } from '@countersign/verifier';
import { CodedError, ManualClock } from '@countersign/vocabulary';
import { issueIdToken } from './compose-id-token.ts';
import { hexSha256 } from './hex-sha256.ts';
import { issueToken, type TokenDraft } from './issue-token.ts';
import type { Abandoned, Road } from './open-road.ts';
import { deriveTagKeys, LeafTagger } from './tag-leaf.ts';

const key = { kid: 'kid-1', alg: 'ES256' } as PublicKeyRecord;
const NOW = 1_800_000_000;

const draft: TokenDraft = {
  realm: 'acme/workforce',
  kind: 'access',
  typ: 'at+jwt',
  key,
  claims: {
    iss: 'https://id.example/acme/workforce',
    sub: 'ada',
    aud: 'https://api.example',
    exp: NOW + 600,
    iat: NOW,
    jti: 'AAAAAAAAAAAAAAAAAAAAAA',
    root_auth_id: 'root',
    tenant: 'acme',
    name: 'Zoë 🌍',
  },
  event: 'token.issued',
  clientId: 'portal',
  request: {},
};

const receipt = encodeReceipt({
  keyId: new Uint8Array(4),
  index: 41,
  issuedMs: NOW * 1000,
  tags: undefined,
  log2Span: 0,
  proof: [],
  signature: new Uint8Array(64),
});

const secrets = { current: Buffer.alloc(32, 1) };
const tagger = new LeafTagger(secrets, 'here', 1);

type Stop = 'append' | 'sign' | 'record';
type Expected = Parameters<Road['expect']>[0];

function roadThat(stops: Partial<Record<Stop, Error>> = {}) {
  const steps: string[] = [];
  const abandoned: Abandoned[] = [];
  const kept: { leaf?: Uint8Array; input?: string } = {};
  const expected: { after: number; build: Expected }[] = [];
  const step = async <T>(name: Stop, result: T): Promise<T> => {
    steps.push(name);
    const error = stops[name];
    if (error !== undefined) throw error;
    return result;
  };
  const road: Road = {
    clock: new ManualClock(NOW * 1000),
    tag: (leaf) => tagger.tag(leaf),
    expect(build) {
      expected.push({ after: steps.length, build });
    },
    append(leaf) {
      kept.leaf = leaf;
      return step('append', receipt);
    },
    sign(_kid, input) {
      kept.input = Buffer.from(input).toString();
      const signature = new Uint8Array(64).fill(7);
      return step('sign', { signature, journalNumber: 9, keyNumber: 3 });
    },
    record: (issued, events) => {
      recorded.push(issued);
      told.push(...events);
      return step('record', undefined);
    },
    async abandon(build) {
      abandoned.push(build);
    },
    placeOf: () => ({ logIndex: 41, logOrigin: 'second.example/log' }),
    ready: () => undefined,
  };
  const recorded: Parameters<Road['record']>[0][] = [];
  const told: Parameters<Road['record']>[1] = [];
  return { road, steps, abandoned, recorded, told, kept, expected };
}

describe('the main road', () => {
  test('logs, then signs, then records, then releases; and all three saw the same token', async () => {
    const { road, steps, recorded, told, kept } = roadThat();
    const token = await issueToken(road, draft);
    assert.deepEqual(steps, ['append', 'sign', 'record']);
    const [header = '', payload = '', signature = ''] = token.split('.');
    assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), {
      alg: 'ES256',
      kid: 'kid-1',
      typ: 'at+jwt',
      itr: Buffer.from(receipt).toString('base64url'),
    });
    assert.deepEqual(JSON.parse(Buffer.from(payload, 'base64url').toString()), draft.claims);
    assert.equal(kept.input, `${header}.${payload}`);
    assert.equal(signature, Buffer.alloc(64, 7).toString('base64url'));
    const [issued] = recorded;
    assert.equal(issued?.tokenHash, hexSha256(token));
    assert.equal(issued?.logIndex, 41);
    assert.equal(issued?.journalNumber, 9);
    assert.equal(
      issued?.leafHash,
      Buffer.from(hashLeaf(kept.leaf ?? new Uint8Array())).toString('hex'),
    );
    // Whoever holds the log against the record needs the hash, the place and the log it is in.
    assert.deepEqual(
      told.map(({ token }) => [token?.leafHash, token?.logIndex, token?.logOrigin]),
      [[issued?.leafHash, 41, 'second.example/log']],
    );
    const leaf = decodeLeafEntry(kept.leaf ?? new Uint8Array());
    assert.equal(leaf.type, 'access');
    assert.equal(leaf.issuedMs, NOW * 1000);
    assert.equal(leaf.expiresAtSeconds, NOW + 600);
  });

  test('marks the leaf for the tenant and the person it is issued for', async () => {
    const { road, kept } = roadThat();
    await issueToken(road, draft);
    const leaf = decodeLeafEntry(kept.leaf ?? new Uint8Array());
    const keys = deriveTagKeys(secrets, 'acme');
    const key = { tenant: 'acme', keys, instances: ['here'], logs: ['log.example/log'] };
    const reader = recogniseLeaves(key);
    assert.equal(reader.recognise(leaf), 'here');
    assert.ok(reader.isOf(leaf, 'ada'));
  });

  test('is announced before log and signer are asked, so that a lost answer is no alarm', async () => {
    const { road, recorded, expected } = roadThat();
    await issueToken(road, draft);
    const { leafHash = '', signingInputHash = '' } = recorded[0] ?? {};
    assert.deepEqual(expected, [
      { after: 0, build: { leafHash } },
      { after: 1, build: { leafHash, signingInputHash } },
    ]);
  });

  test('without the log nothing is signed', async () => {
    const { road, steps, abandoned } = roadThat({ append: new Error('gone') });
    await assert.rejects(issueToken(road, draft));
    assert.deepEqual(steps, ['append']);
    assert.equal(abandoned.length, 0);
  });

  test('without the signer nothing is recorded, and the leaf is abandoned', async () => {
    const { road, steps, abandoned, recorded } = roadThat({ sign: new Error('gone') });
    await assert.rejects(issueToken(road, draft), { code: 'issuance_unavailable' });
    assert.deepEqual(steps, ['append', 'sign']);
    assert.equal(recorded.length, 0);
    assert.equal(abandoned.length, 1);
    assert.equal(abandoned[0]?.signature, undefined);
    assert.match(abandoned[0]?.signingInputHash ?? '', /^[0-9a-f]{64}$/);
  });

  test('without the record nothing is released, and the signature is accounted for', async () => {
    const { road, abandoned } = roadThat({ record: new Error('full') });
    await assert.rejects(issueToken(road, draft), { code: 'issuance_unavailable' });
    assert.deepEqual(abandoned[0]?.signature, { journalNumber: 9 });
  });

  describe('with two signers', () => {
    const gone = new CodedError('signer_unavailable', 'gone', { retryAfterSeconds: 5 });
    const other = { kid: 'kid-2', alg: 'ES256' } as PublicKeyRecord;

    test('signs with the key of the other when one is gone, and abandons the first leaf', async () => {
      const { road, steps, abandoned, recorded, told, expected } = roadThat();
      const { sign } = road;
      road.sign = async (kid, input) => {
        const answer = await sign(kid, input);
        if (kid === key.kid) throw gone;
        return { ...answer, signer: 'second' };
      };
      const token = await issueToken(road, { ...draft, keyNow: async () => other });
      const [header = ''] = token.split('.');
      assert.equal(JSON.parse(Buffer.from(header, 'base64url').toString()).kid, 'kid-2');
      assert.deepEqual(steps, ['append', 'sign', 'append', 'sign', 'record']);
      assert.deepEqual([abandoned.length, expected.length], [1, 4]);
      assert.equal(abandoned[0]?.signature, undefined);
      assert.deepEqual([recorded[0]?.kid, recorded[0]?.signer], ['kid-2', 'second']);
      assert.deepEqual([told[0]?.token?.kid, told[0]?.token?.signer], ['kid-2', 'second']);
      assert.notEqual(recorded[0]?.leafHash, abandoned[0]?.leafHash);
    });

    test('refuses, as something that passes, when no other key may sign', async () => {
      for (const keyNow of [async () => key, () => Promise.reject(gone)]) {
        const { road, steps } = roadThat({ sign: gone });
        const passes = { code: 'issuance_unavailable', retryAfterSeconds: 5 };
        await assert.rejects(issueToken(road, { ...draft, keyNow }), passes);
        assert.deepEqual(steps, ['append', 'sign']);
      }
    });

    test('tries a bounded number of keys', async () => {
      let made = 0;
      const keyNow = async () => {
        made += 1;
        return { ...other, kid: `other-${made}` };
      };
      const { road, steps } = roadThat({ sign: gone });
      await assert.rejects(issueToken(road, { ...draft, keyNow }), {
        code: 'issuance_unavailable',
      });
      assert.equal(steps.filter((step) => step === 'sign').length, 3);
    });

    test('asks no other when log or record fail, or the policy says no', async () => {
      const no = new CodedError('audience_out_of_scope', 'no');
      const stops = [{ append: new Error('gone') }, { record: new Error('full') }, { sign: no }];
      for (const stop of stops) {
        const { road, steps } = roadThat(stop);
        await assert.rejects(issueToken(road, { ...draft, keyNow: async () => other }));
        assert.equal(steps.filter((step) => step === 'append').length, 1);
      }
    });
  });

  test('a refusal of the signing policy is not called temporary', async () => {
    const refusal = new CodedError('audience_out_of_scope', 'no');
    const { road } = roadThat({ sign: refusal });
    await assert.rejects(issueToken(road, draft), { code: 'issuance_refused' });
  });

  for (const code of ['signer_unavailable', 'journal_full', 'storage_full', 'unheard_of']) {
    test(`${code} is temporary`, async () => {
      const { road } = roadThat({ sign: new CodedError(code, 'later', { retryAfterSeconds: 5 }) });
      await assert.rejects(issueToken(road, draft), {
        code: 'issuance_unavailable',
        retryAfterSeconds: 5,
      });
    });
  }

  test('nothing but ID and logout tokens may be signed in the engine’s name', async () => {
    for (const use of ['userinfo', 'introspection', 'authorization'] as const) {
      await assert.rejects(issueIdToken({} as never, {} as never, { use }), {
        code: 'issuance_bypassed',
      });
    }
  });
});
