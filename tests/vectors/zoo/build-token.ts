// One token from a plan: by default a genuine one. A vector changes one thing, and everything that
// follows from it (receipt, signature) is made to fit, so that only the one thing is wrong.

import {
  buildReceipt,
  indexFor,
  joinReceipt,
  type LeafPlan,
  type ReceiptFields,
  type ReceiptPlan,
  receiptKey,
  sha256,
} from './build-receipt.ts';
import { AUDIENCE, CLIENT, keys, type NamedKey, NOW, WORKFORCE } from './build-world.ts';

export type Members = Record<string, unknown>;

export interface TokenPlan {
  key?: NamedKey;
  /** Replaced members; undefined takes a member out. */
  claims?: Members;
  header?: Members;
  /** Raw JSON in place of the payload or the header. */
  payloadText?: string | Buffer;
  headerText?: (header: string) => string;
  /** What the log saw, where that is not what the token holds. */
  leaf?: Partial<LeafPlan>;
  /** How the log signed; `'none'` for no receipt. */
  receipt?: Partial<ReceiptPlan> | 'none';
  damageReceipt?: (fields: ReceiptFields) => ReceiptFields | Buffer;
  /** Any JSON value in place of the receipt. */
  itr?: (receipt: string) => unknown;
  /** In place of the key's signature. */
  sign?: (input: string) => Buffer | string;
}

export interface BuiltToken {
  token: string;
  header: string;
  payload: string;
  signature: string;
  receipt: string;
  index: number;
  issuedMs: number;
  claims: Members;
}

function accessClaims(name: string): Members {
  return {
    iss: WORKFORCE,
    sub: 'alice',
    aud: AUDIENCE,
    client_id: CLIENT,
    scope: 'mail.read',
    tenant: 'acme',
    iat: NOW - 5,
    exp: NOW + 295,
    jti: sha256('jti of ', name).subarray(0, 16).toString('base64url'),
    root_auth_id: sha256('root of ', name).subarray(0, 16).toString('base64url'),
  };
}

function idClaims(name: string): Members {
  const { client_id: _client, scope: _scope, ...claims } = accessClaims(name);
  return { ...claims, aud: CLIENT, nonce: 'n-0S6_WzA2Mj', auth_time: NOW - 20 };
}

/** @param typ `at+jwt` for access tokens, `JWT` for ID tokens, `logout+jwt` */
export function buildToken(name: string, typ: string, plan: TokenPlan): BuiltToken {
  const key = plan.key ?? keys.eddsa;
  const base = typ === 'JWT' ? idClaims(name) : accessClaims(name);
  const claims = without({ ...base, ...plan.claims });
  const payload = encode(plan.payloadText ?? JSON.stringify(claims));
  const members: Members = { alg: key.alg, kid: key.kid, typ, ...plan.header };
  const text = (value: unknown, other: string) => (typeof value === 'string' ? value : other);
  const leaf: LeafPlan = {
    iss: text(claims.iss, WORKFORCE),
    kid: text(members.kid, key.kid),
    alg: text(members.alg, key.alg),
    typ: text(members.typ, typ),
    payloadSegment: payload,
    issuedMs: (typeof claims.iat === 'number' ? Math.min(claims.iat, NOW * 2) : NOW - 5) * 1000,
    expiresAtSeconds: fits(claims.exp) ? claims.exp : NOW + 295,
    ...plan.leaf,
  };
  const asked = plan.receipt === 'none' ? {} : (plan.receipt ?? {});
  const how = { index: indexFor(name), log2Span: 0, signer: receiptKey, ...asked };
  const fields = buildReceipt(leaf, how);
  const damaged = plan.damageReceipt?.(fields) ?? fields;
  const receipt = encode(Buffer.isBuffer(damaged) ? damaged : joinReceipt(damaged));
  const shown = plan.itr === undefined ? receipt : plan.itr(receipt);
  const itr = plan.receipt === 'none' ? undefined : shown;
  const headerJson = JSON.stringify(without({ ...members, itr }));
  const header = encode(plan.headerText?.(headerJson) ?? headerJson);
  const mark = plan.sign?.(`${header}.${payload}`) ?? key.sign(`${header}.${payload}`);
  const signature = typeof mark === 'string' ? mark : encode(mark);
  const token = `${header}.${payload}.${signature}`;
  const { issuedMs } = leaf;
  return { token, header, payload, signature, receipt, index: how.index, issuedMs, claims };
}

export function encode(data: string | Buffer): string {
  return Buffer.from(data).toString('base64url');
}

function without(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function fits(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
}
