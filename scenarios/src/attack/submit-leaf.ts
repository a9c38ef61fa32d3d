// Logs a leaf with a submission credential: what other issuer instances do, and what whoever holds
// their credential can do.

import { claim } from '../stage/tell-story.ts';

/** @returns the receipt of the real log */
export async function submitLeaf(
  url: string,
  credential: string,
  leaf: Uint8Array,
): Promise<Uint8Array> {
  const response = await fetch(`${url}/api/v1/log/leaves`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ entries: [Buffer.from(leaf).toString('base64url')] }),
  });
  const text = await response.text();
  claim(response.ok, `The log refused the leaf: ${response.status} ${text}`);
  const { receipts } = JSON.parse(text) as { receipts: string[] };
  return Buffer.from(receipts[0] ?? '', 'base64url');
}
