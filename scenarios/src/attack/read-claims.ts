// What a token says, read without checking anything: the attacker does not need to believe it.

export type Claims = Record<string, unknown>;

export interface OpenToken {
  header: Claims;
  claims: Claims;
  payloadSegment: string;
}

export function readClaims(token: string): OpenToken {
  const [header = '', payload = ''] = token.split('.');
  const decode = (segment: string): Claims =>
    JSON.parse(Buffer.from(segment, 'base64url').toString('utf8')) as Claims;
  return { header: decode(header), claims: decode(payload), payloadSegment: payload };
}
