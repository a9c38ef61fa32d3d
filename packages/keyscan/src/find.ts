// What a scan says: where private key material stands and of which kind. A find never holds the
// secret, so that it can be printed, logged and sent.

export type FindKind =
  | 'pem'
  | 'der-pkcs1'
  | 'der-pkcs8'
  | 'der-sec1'
  | 'jwk'
  | 'openssh'
  | 'pkcs12'
  | 'memory-ec'
  | 'memory-ed25519'
  | 'memory-rsa';

export interface Find {
  /** Bytes from the start of the innermost container, or of the stream. */
  offset: number;
  /** Bytes that hold the secret; zeroing them removes it. More than there are, where it is cut off. */
  length: number;
  kind: FindKind;
  /** The key's id, when it is one we know. */
  kid?: string;
  /** Names of the containers around it, outermost first; empty for the stream itself. */
  container: readonly string[];
  /** What it is, in words; never the secret. */
  what: string;
}

/** Tells of a secret at `at`, `length` bytes long, in the bytes that a finder was given. */
export type Report = (
  at: number,
  length: number,
  kind: FindKind,
  what: string,
  kid?: string,
) => void;

/** Looks for secrets in bytes; holds no state between calls. */
export interface Finder {
  /** The longest secret it finds, in bytes: so much is kept between chunks. */
  readonly window: number;
  /** Reports every secret that starts at `from` or later. It may report one twice. */
  scan(bytes: Uint8Array, from: number, report: Report): void;
}

export type UnreadReason =
  | 'encrypted'
  | 'too_deep'
  | 'too_large'
  | 'corrupt'
  | 'method_unknown'
  | 'unreadable';

/** Something a scan could not look into: it is not known to be clean. */
export interface Unread {
  container: readonly string[];
  reason: UnreadReason;
  /** What it is and why it was not read, in words. */
  what: string;
}
