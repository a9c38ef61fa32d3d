// A stand-in for AWS KMS: speaks its JSON over HTTP, believes only signed requests, makes and uses real
// keys, and answers errors as KMS does.

import { execFileSync } from 'node:child_process';
import {
  constants,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  randomUUID,
  sign,
} from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultOf } from './check-sigv4.ts';

export const KMS_REGION = 'eu-central-1';
export const KMS_ACCESS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
/** As `aws configure` writes it. */
export const KMS_CREDENTIALS = `[default]\naws_access_key_id = ${KMS_ACCESS.accessKeyId}\naws_secret_access_key = ${KMS_ACCESS.secretAccessKey}\n`;

interface KeptKey {
  keySpec: string;
  state: string;
  origin: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

export interface KmsStandIn {
  endpoint: string;
  keys: Map<string, KeptKey>;
  /** Operations that were asked and signed well, in order. */
  asked: string[];
  /**
   * Names of errors to answer next, one a request; `hang up` closes the connection, `hang` never
   * answers, `stall` answers a head and never the rest.
   */
  failNext: string[];
  close(): Promise<void>;
}

class KmsError extends Error {
  constructor(name: string) {
    super(name);
    this.name = name;
  }
}

export async function startKmsStandIn(): Promise<KmsStandIn> {
  const keys = new Map<string, KeptKey>();
  const asked: string[] = [];
  const failNext: string[] = [];
  const server = createServer(async (request, response) => {
    try {
      const body = await readBody(request);
      const operation = authenticate(request, body);
      asked.push(operation);
      const failure = failNext.shift();
      if (failure === 'hang up') {
        request.socket.destroy();
        return;
      }
      if (failure === 'stall') {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        response.write('{');
      }
      if (failure === 'hang' || failure === 'stall') return;
      if (failure !== undefined) throw new KmsError(failure);
      const answer = answerTo(keys, operation, JSON.parse(body.toString('utf8')));
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    } catch (error) {
      const name = error instanceof Error ? error.name : 'KMSInternalException';
      const status = name === 'KMSInternalException' ? 500 : 400;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: name, message: `of the stand-in: ${name}` }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${port}`, keys, asked, failNext, close };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function authenticate(request: IncomingMessage, body: Buffer): string {
  const { method = '', url: path = '', headers } = request;
  const fault = faultOf({ method, path, headers, body }, { ...KMS_ACCESS, region: KMS_REGION });
  if (fault !== undefined) throw new KmsError(fault);
  const [service, operation] = String(headers['x-amz-target']).split('.');
  if (service !== 'TrentService' || operation === undefined) {
    throw new KmsError('UnknownOperationException');
  }
  return operation;
}

function answerTo(
  keys: Map<string, KeptKey>,
  operation: string,
  input: Record<string, string>,
): unknown {
  if (operation === 'CreateKey') {
    const arn = `arn:aws:kms:${KMS_REGION}:111122223333:key/${randomUUID()}`;
    keys.set(arn, makeKey(input['KeySpec'] ?? '', input['KeyUsage'] ?? ''));
    return { KeyMetadata: describe(arn, keys.get(arn) as KeptKey) };
  }
  const arn = input['KeyId'] ?? '';
  const key = keys.get(arn);
  if (key === undefined) throw new KmsError('NotFoundException');
  if (operation === 'DescribeKey') return { KeyMetadata: describe(arn, key) };
  if (operation === 'GetPublicKey') {
    const der = key.publicKey.export({ format: 'der', type: 'spki' });
    return { KeyId: arn, PublicKey: der.toString('base64') };
  }
  if (operation !== 'Sign') throw new KmsError('UnknownOperationException');
  if (key.state !== 'Enabled') throw new KmsError('DisabledException');
  return { KeyId: arn, Signature: signWith(key, input).toString('base64') };
}

function describe(arn: string, key: KeptKey): Record<string, string> {
  return { KeyId: arn.split('/')[1] ?? '', Arn: arn, KeyState: key.state, Origin: key.origin };
}

function makeKey(keySpec: string, keyUsage: string): KeptKey {
  if (keyUsage !== 'SIGN_VERIFY') throw new KmsError('ValidationException');
  const fresh = { keySpec, state: 'Enabled', origin: 'AWS_KMS' };
  if (keySpec === 'ECC_NIST_P256') {
    return { ...fresh, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
  }
  if (keySpec === 'RSA_2048') {
    return { ...fresh, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
  }
  if (keySpec === 'ECC_NIST_EDWARDS25519') return { ...fresh, ...generateKeyPairSync('ed25519') };
  throw new KmsError('UnsupportedOperationException');
}

/** DER of a SHA-256 DigestInfo without the hash (RFC 8017 §9.2). */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

function signWith(key: KeptKey, input: Record<string, string>): Buffer {
  const message = Buffer.from(input['Message'] ?? '', 'base64');
  const how = `${key.keySpec} ${input['SigningAlgorithm']} ${input['MessageType']}`;
  if (how === 'ECC_NIST_EDWARDS25519 ED25519_SHA_512 RAW' && message.length <= 4096) {
    return sign(null, message, key.privateKey);
  }
  if (message.length !== 32) throw new KmsError('ValidationException');
  if (how === 'ECC_NIST_P256 ECDSA_SHA_256 DIGEST') return signDigest(key.privateKey, message);
  if (how === 'RSA_2048 RSASSA_PKCS1_V1_5_SHA_256 DIGEST') {
    const padding = constants.RSA_PKCS1_PADDING;
    return privateEncrypt({ key: key.privateKey, padding }, Buffer.concat([DIGEST_INFO, message]));
  }
  throw new KmsError('InvalidKeyUsageException');
}

/** Node signs no hash that it did not make itself; OpenSSL's own tool does. */
function signDigest(key: KeyObject, digest: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-kms-'));
  const file = join(folder, 'key.pem');
  try {
    writeFileSync(file, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    return execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', file], { input: digest });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
