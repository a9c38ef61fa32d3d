// Strict base64 by the platform's fastest means. Decoding is the same function everywhere: a text
// that is not the canonical spelling of its bytes is `undefined` (RFC 4648 §3.5, RFC 7515 §2).

export { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '#platform';
