import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { after, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { MadeKey } from '../custody/custody.ts';
import { kidOf } from '../custody/public-jwk.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import { KMS_CREDENTIALS, KMS_REGION, startKmsStandIn } from '../testing/kms-stand-in.ts';
import { rawFromDer } from './algorithms.ts';
import { KmsCustody, type KmsOptions } from './kms-custody.ts';
import { readCredentials } from './read-credentials.ts';

const kms = await startKmsStandIn();
after(() => kms.close());
beforeEach(() => {
  kms.asked.length = 0;
  kms.failNext.length = 0;
});

const start = (
  credentials = () => KMS_CREDENTIALS,
  endpoint = kms.endpoint,
  more: Pick<KmsOptions, 'answerMs' | 'mostAsked'> = {},
) =>
  KmsCustody.start({
    region: KMS_REGION,
    endpoint,
    readCredentials: () => Buffer.from(credentials()),
    ...more,
  });

const kept = ({ publicKey, place }: MadeKey, alg: SignatureAlg = 'ES256') => ({
  kid: kidOf(publicKey),
  alg,
  publicKey,
  place,
});

const arnOf = ({ place }: MadeKey): string =>
  place.kind === 'aws-kms' ? place.reference.keyArn : '';

describe('keys in AWS KMS (a stand-in that checks each signed request)', () => {
  it('sign as keys of this process do, for each algorithm', async () => {
    const custody = await start();
    for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
      const made = await custody.make(alg, 'https://id.example/acme/workforce');
      const handle = await custody.open(kept(made, alg));
      const input = randomBytes(2000);
      const signature = await handle.sign(input);
      const key = { key: made.publicKey, dsaEncoding: 'ieee-p1363' as const };
      assert.ok(verify(alg === 'EdDSA' ? null : 'sha256', input, key, signature), alg);
      assert.equal(handle.made, 1);
    }
    await custody.close();
    const each = ['CreateKey', 'GetPublicKey', 'DescribeKey', 'GetPublicKey', 'Sign'];
    assert.deepEqual(kms.asked, [...each, ...each, ...each]);
  });

  it('sign nothing that KMS does not take, and say which algorithm does', async () => {
    const custody = await start();
    const handle = await custody.open(kept(await custody.make('EdDSA', 'issuer'), 'EdDSA'));
    await assert.rejects(Promise.resolve(handle.sign(Buffer.alloc(4097))), {
      code: 'too_large',
      message: /Use ES256/,
    });
    assert.ok(!kms.asked.includes('Sign'));
  });

  it('are asked for again when KMS was busy, and only then: a signature asked twice is made twice', async () => {
    const custody = await start();
    const handle = await custody.open(kept(await custody.make('ES256', 'issuer')));
    kms.asked.length = 0;
    kms.failNext.push('ThrottlingException', 'ThrottlingException');
    await handle.sign(Buffer.from('x'));
    assert.deepEqual(kms.asked, ['Sign', 'Sign', 'Sign']);
    for (const failure of ['KMSInternalException', 'hang up']) {
      const another = await start();
      const fresh = await another.open(kept(await another.make('ES256', 'issuer')));
      kms.asked.length = 0;
      kms.failNext.push(failure);
      await assert.rejects(Promise.resolve(fresh.sign(Buffer.from('x'))), {
        code: 'signer_unavailable',
      });
      assert.deepEqual(kms.asked, ['Sign'], failure);
      await another.close();
    }
  });
});

describe('AWS KMS when it does not sign', () => {
  it('is away for a moment, so that no number is spent, and is asked again by itself', async () => {
    const custody = await start();
    const handle = await custody.open(kept(await custody.make('ES256', 'issuer')));
    assert.equal(handle.away(), undefined);
    kms.failNext.push('KMSInternalException');
    await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))), {
      code: 'signer_unavailable',
      retryAfterSeconds: 5,
      message: /\(KMSInternalException\)/,
    });
    assert.equal(handle.away()?.code, 'signer_unavailable');
    while (handle.away() !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    await handle.sign(Buffer.from('x'));
    assert.equal(handle.made, 1);
  });

  it('is given up when it takes a request and never answers, or not to the end', async () => {
    for (const failure of ['hang', 'stall']) {
      const custody = await start(undefined, kms.endpoint, { answerMs: 200 });
      const handle = await custody.open(kept(await custody.make('ES256', 'issuer')));
      kms.failNext.push(failure);
      await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))), {
        code: 'signer_unavailable',
        message: /\(TimeoutError\)/,
      });
      assert.equal(handle.away()?.code, 'signer_unavailable', failure);
      assert.equal(handle.made, 0);
      await custody.close();
    }
  });

  it('spends no more numbers while as many as allowed wait for it, and takes those it has', async () => {
    const custody = await start(undefined, kms.endpoint, { mostAsked: 2 });
    const handle = await custody.open(kept(await custody.make('ES256', 'issuer')));
    const asked = [1, 2, 3].map((mark) => handle.sign(Buffer.from(String(mark))));
    assert.match(handle.away()?.message ?? '', /has as many requests as it may/);
    await Promise.all(asked);
    assert.equal(handle.away(), undefined);
    assert.equal(handle.made, 3);
    await custody.close();
  });

  it('is told unreachable when nothing listens, and the signer does not start', async () => {
    const custody = await start();
    const made = await custody.make('ES256', 'issuer');
    const gone = await start(undefined, 'http://127.0.0.1:9');
    await assert.rejects(gone.open(kept(made)), { code: 'custody_unreachable' });
  });

  it('tells refused credentials apart, and reads them anew the next time', async () => {
    let credentials = KMS_CREDENTIALS.replace('wJalr', 'wrong');
    const custody = await start(() => credentials);
    const made = await (await start()).make('ES256', 'issuer');
    await assert.rejects(custody.open(kept(made)), {
      code: 'credentials_refused',
      message: /They need kms:DescribeKey, .* kms:Sign/,
    });
    credentials = KMS_CREDENTIALS;
    await custody.open(kept(made));
  });

  it('makes no other key in place of one that is missing, disabled, or not what it was', async () => {
    const custody = await start();
    const made = await custody.make('ES256', 'issuer');
    const other = await custody.make('ES256', 'issuer');
    const key = kms.keys.get(arnOf(made)) ?? assert.fail();
    const before = kms.keys.size;
    const refused = (code: string, message: RegExp) =>
      assert.rejects(custody.open(kept(made)), { code, message });
    kms.keys.set(arnOf(made), { ...key, state: 'PendingDeletion' });
    await refused('custody_key_missing', /is PendingDeletion .* cancel its deletion/);
    kms.keys.set(arnOf(made), { ...key, origin: 'EXTERNAL' });
    await refused('custody_key_unfit', /Rotate its issuer/);
    kms.keys.set(arnOf(made), kms.keys.get(arnOf(other)) ?? assert.fail());
    await refused('custody_key_unfit', /is not the key/);
    assert.equal(kms.keys.size, before);
    kms.keys.delete(arnOf(made));
    await refused('custody_key_missing', /No new key is made in its place/);
  });

  it('signs no more once it signs with another key than is published', async () => {
    const custody = await start();
    const made = await custody.make('ES256', 'issuer');
    const other = await custody.make('ES256', 'issuer');
    const handle = await custody.open(kept(made));
    kms.keys.set(arnOf(made), kms.keys.get(arnOf(other)) ?? assert.fail());
    const refused = { code: 'signer_unavailable', message: /signs with another key/ };
    await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))), refused);
    kms.asked.length = 0;
    await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))), refused);
    assert.deepEqual(kms.asked, []);
  });

  it('says which algorithm a region lacks', async () => {
    const custody = await start();
    kms.failNext.push('UnsupportedOperationException');
    await assert.rejects(custody.make('EdDSA', 'issuer'), {
      code: 'custody_unsupported',
      message: /no key for EdDSA/,
    });
  });
});

describe('credentials for AWS', () => {
  it('are read from an INI file with one profile, and their bytes overwritten', () => {
    const bytes = Buffer.from(`${KMS_CREDENTIALS}aws_session_token = T/+=\nregion = x\n`);
    assert.deepEqual(readCredentials(bytes), {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      sessionToken: 'T/+=',
    });
    assert.ok(bytes.every((byte) => byte === 0));
  });

  it('are refused when a half is missing, or when there are several', () => {
    const half = '[default]\naws_access_key_id = A\n';
    for (const wrong of ['', half, KMS_CREDENTIALS + KMS_CREDENTIALS, '{"accessKeyId":"A"}']) {
      assert.throws(() => readCredentials(Buffer.from(wrong)), { code: 'credentials_missing' });
    }
  });
});

describe('an ECDSA signature in DER', () => {
  it('gives r and s in 32 bytes each, whatever their lengths', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
        const raw = rawFromDer(sign('sha256', input, privateKey));
        assert.equal(raw.length, 64);
        const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
        assert.ok(verify('sha256', input, key, raw));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps zeros in front of either number, which DER leaves out', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 32 }).filter(([first]) => first !== 0);
    const integer = (value: Uint8Array): number[] => {
      const padded = (value[0] as number) < 0x80 ? [...value] : [0, ...value];
      return [0x02, padded.length, ...padded];
    };
    const full = (value: Uint8Array): Buffer =>
      Buffer.concat([Buffer.alloc(32 - value.length), value]);
    fc.assert(
      fc.property(bytes, bytes, (r, s) => {
        const both = [...integer(r), ...integer(s)];
        const raw = rawFromDer(Uint8Array.from([0x30, both.length, ...both]));
        assert.deepEqual(Buffer.from(raw), Buffer.concat([full(r), full(s)]));
      }),
    );
  });

  it('is refused when it is none', () => {
    const hex = ['', '30', '3000', '300602010102', '30060201010201ff00', '3006020101030102'];
    for (const wrong of hex) {
      assert.throws(() => rawFromDer(Buffer.from(wrong, 'hex')), TypeError, wrong);
    }
  });
});

describe('the stand-in', () => {
  it('believes no request that was not signed, or was changed on its way', async () => {
    const post = async (headers: Record<string, string>): Promise<unknown> => {
      const answer = await fetch(kms.endpoint, { method: 'POST', body: '{}', headers });
      return (await answer.json()) as unknown;
    };
    const named = (__type: string) => ({ __type, message: `of the stand-in: ${__type}` });
    assert.deepEqual(await post({}), named('MissingAuthenticationToken'));
    const signature = createHmac('sha256', 'x').update('y').digest('hex');
    const date = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
    const scope = `${date.slice(0, 8)}/${KMS_REGION}/kms/aws4_request`;
    assert.deepEqual(
      await post({
        'x-amz-date': date,
        'x-amz-target': 'TrentService.CreateKey',
        authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${signature}`,
      }),
      named('InvalidSignatureException'),
    );
    assert.deepEqual(kms.asked, []);
  });
});
