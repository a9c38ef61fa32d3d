// Which members, which names of name/value pairs and which stretches of a text hold a secret.

/** Spelt without case, `-`, `_`, `.` and blanks; a secret wherever they stand. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  ...['sessiontoken', 'secretaccesskey', 'secretkey', 'securitytoken', 'xamzsecuritytoken'],
  ...['accesstoken', 'refreshtoken', 'idtoken', 'authorizationtoken', 'authtoken', 'bearertoken'],
  ...['statetoken', 'signintoken', 'registrationaccesstoken', 'xapikey', 'setcookie', 'cookie'],
  ...['clientsecret', 'secret', 'secrethash', 'secretstring', 'secretbinary', 'secretdata'],
  ...['samlassertion', 'samlresponse', 'clientassertion', 'assertion', 'webidentitytoken'],
  ...['privatekey', 'privatekeydata', 'passwd', 'pwd', 'passphrase', 'bindcredential'],
]);

/** `masterUserPassword`, `DB_PASSWORD`, `oauth_client_secret`: whatever stands in front. */
const SECRET_ENDINGS = ['password', 'clientsecret', 'secretaccesskey'] as const;

/** Written in the place of a secret, by the source or by a form; no secret. */
const NO_SECRET =
  /^(?:|MASKED|HIDDEN_DUE_TO_SECURITY_REASONS|\[?redacted\]?|\*+|\.{3}|true|false|none|null|yes|no|n\/a)$/i;

/** Names that were looked up and are none: nearly all of them, again and again. */
const harmless = new Set<string>();
const MOST_HARMLESS = 20_000;
const LONGEST_NAME = 64;

export function isSecretName(name: string): boolean {
  if (name.length > LONGEST_NAME || harmless.has(name)) return false;
  const folded = name.toLowerCase().replace(/[-_. ]/g, '');
  if (SECRET_NAMES.has(folded) || SECRET_ENDINGS.some((ending) => folded.endsWith(ending)))
    return true;
  if (harmless.size < MOST_HARMLESS) harmless.add(name);
  return false;
}

export function isSecretValue(held: unknown): held is string {
  return typeof held === 'string' && !NO_SECRET.test(held);
}

const NAMES_OF_PAIRS = ['name', 'Name', 'key', 'Key', 'type', 'displayName'] as const;
const VALUES_OF_PAIRS: ReadonlySet<string> = new Set([
  ...['value', 'Value', 'newValue', 'NewValue', 'oldValue', 'OldValue'],
]);

/** Whether a member holds the value of `{name: 'password', value: …}` and its like. */
export function isSecretPair(object: Readonly<Record<string, unknown>>, member: string): boolean {
  if (!VALUES_OF_PAIRS.has(member)) return false;
  return NAMES_OF_PAIRS.some((one) => {
    const name = Object.hasOwn(object, one) ? object[one] : undefined;
    return typeof name === 'string' && isSecretName(name);
  });
}

/** `Authorization: Bearer …` wherever it was written down. */
const HEADER = /\b(?:Bearer|Basic) +([A-Za-z0-9._~+/-]{12,}=*)/gi;
/** A query, or a form. */
const QUERY =
  /(?:^|[?&#;\s])(?:access_?token|id_?token|refresh_?token|client_?secret|client_?assertion|password|session_?token|state_?token|SAMLResponse|assertion|sig|token|X-Amz-(?:Security-Token|Signature))=([^&#;\s"'<>]{4,})/gi;
/** The parameters of a command, as RecordType 18 of Microsoft 365 writes them. */
const COMMAND =
  /(?:^|\s)-\w*(?:Password|ClientSecret|AccessToken)[: ] *("[^"]+"|'[^']+'|[^\s"'-]\S*)/gi;
/** The secrets that stand inside a text, without what is around them. */
export function secretsInside(text: string): string[] {
  if (text.length < 8) return [];
  // Most texts of most records: looked through without a pattern.
  const query = text.includes('=');
  if (!query && !text.includes(' ')) return [];
  const header = text.includes('earer ') || text.includes('asic ') || text.includes('EARER ');
  const command = text.includes(' -') || text.startsWith('-');
  if (!query && !header && !command) return [];
  const patterns = [
    ...(header ? [HEADER] : []),
    ...(query ? [QUERY] : []),
    ...(command ? [COMMAND] : []),
  ];
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)]
      .map(([, held = '']) => held.replace(/^(["'])(.*)\1$/s, '$2'))
      .filter(isSecretValue),
  );
}
