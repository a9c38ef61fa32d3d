// The browser's answer as the page posted it: JSON that anybody can write. Only its shape is looked at
// here; a browser says in `clientDataJSON` whether another site had us in a frame.

export interface PasskeyAnswer {
  /** Credential id, base64url. */
  id: string;
  userHandle: string | undefined;
  challenge: string;
  /** Of a new passkey: base64url, unread. */
  attestation: string | undefined;
  response: unknown;
}

const LONGEST_ANSWER = 16_384;

/** Undefined for whatever no browser of ours would have posted. */
export function readAnswer(presented: string | null): PasskeyAnswer | undefined {
  if (presented === null || presented.length > LONGEST_ANSWER) return undefined;
  const answer = parse(presented);
  const inner = member(answer, 'response');
  const clientData = parse(decode(text(inner, 'clientDataJSON')));
  const id = text(answer, 'id');
  const challenge = text(clientData, 'challenge');
  if (id === undefined || challenge === undefined) return undefined;
  // Nobody frames our pages, and the library lets a frame pass that does not say whose it is in.
  if (member(clientData, 'crossOrigin') === true) return undefined;
  const attestation = text(inner, 'attestationObject');
  return { id, challenge, attestation, userHandle: text(inner, 'userHandle'), response: answer };
}

function parse(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}

/**
 * In its one spelling. The library reads characters outside the alphabet as zeros and Node reads them as
 * something else: then the challenge that is used up would not be the one that was signed.
 */
function decode(base64url: string | undefined): string | undefined {
  const bytes = Buffer.from(base64url ?? '', 'base64url');
  return bytes.toString('base64url') === base64url ? bytes.toString('utf8') : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function text(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
