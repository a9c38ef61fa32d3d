// Facts of the TLS handshake, as a proxy hands them on: JA4 (FoxIO's grammar of the first part, two
// truncated SHA-256) and the negotiated version. Held to their grammar: they come as text.

export interface TlsFacts {
  ja4?: string;
  tls?: string;
  /** The client offered nothing newer than TLS 1.1. */
  old?: boolean;
  /** The client named no application protocol (ALPN). */
  withoutProtocols?: boolean;
}

export interface ReadTls {
  facts: TlsFacts;
  ja4Malformed: boolean;
  tlsMalformed: boolean;
}

/** Transport, version, SNI, number of ciphers, number of extensions, ALPN. */
const JA4 =
  /^[tqd](13|12|11|10|s3|s2|s1|d1|d2|d3|00)[di]\d{2}\d{2}([0-9a-z]{2})_[0-9a-f]{12}_[0-9a-f]{12}$/;
const TLS = /^(?:TLSv1(?:\.[0-3])?|SSLv3|DTLSv1(?:\.[0-3])?|QUIC)(?: [A-Za-z0-9_-]{1,64})?$/;
const OLD = new Set(['11', '10', 's3', 's2', 's1', 'd1']);

export function readTls(ja4: string | undefined, tls: string | undefined): ReadTls {
  const facts: TlsFacts = {};
  const [, version, protocol] = ja4 === undefined ? [] : (JA4.exec(ja4) ?? []);
  if (ja4 !== undefined && version !== undefined) {
    facts.ja4 = ja4;
    facts.old = OLD.has(version);
    facts.withoutProtocols = protocol === '00';
  }
  if (tls !== undefined && TLS.test(tls)) facts.tls = tls;
  return {
    facts,
    ja4Malformed: ja4 !== undefined && facts.ja4 === undefined,
    tlsMalformed: tls !== undefined && facts.tls === undefined,
  };
}
