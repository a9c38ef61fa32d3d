// Which URLs the verifier may fetch: https, or http on this machine. A key set fetched in clear
// over a network is whatever the network says it is.

const LOOPBACK_V4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    LOOPBACK_V4.test(host)
  );
}

/** Why the URL may not be fetched, as a sentence; undefined when it may. */
export function urlObjection(text: string): string | undefined {
  if (!URL.canParse(text)) return 'It is not an absolute URL.';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'It must not carry credentials.';
  if (url.hash !== '') return 'It must not have a fragment.';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return 'Its scheme must be https.';
  return isLoopback(url.hostname) ? undefined : 'Plain http is for this machine only; use https.';
}
