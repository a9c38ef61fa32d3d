// What was held back: the bytes at the place that the gate reported are the key. Whoever had let the
// dump out would have let out this.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { draftToken, type ForgingKey, signDraft } from '../src/attack/forge-token.ts';
import { refusals, showPeers } from '../src/peers/show-peers.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { type MailServer, peerSetup, VICTIM } from './stage.ts';

interface Report {
  finds: { offset: number; length: number; kid: string | null; kind: string }[];
}

export async function useHeldKey(stage: Stage, mail: MailServer): Promise<Found<string>> {
  const { gate, genuine, ours } = mail;
  const kid = String(genuine.header['kid']);
  const { report, dump } = heldIn(gate.quarantine);
  const find = report.finds.find((each) => each.kid === kid && each.kind === 'memory-ec');
  claim(find !== undefined, 'The report does not say where the key is.');
  const [shown] = await publishedKeys(mail, kid);
  claim(shown !== undefined, 'The key is not published.');
  const key = keyFrom(readAt(dump, find.offset, find.length), shown);
  const thief: ForgingKey = { record: { kid, alg: 'ES256' }, privateKey: key };
  const forged = signDraft(draftToken(thief, genuine.claims, { sub: VICTIM }));
  const answers = await showPeers(peerSetup(mail), forged);
  const judgement = await ours.judge(forged);
  stage.note({
    peers: answers.map(({ name, version, accepted, reason }) => ({
      ...{ name, version, accepted },
      detail: accepted ? 'a good signature by a published key' : reason,
    })),
    countersign: { refused: !judgement.accepted, code: judgement.code },
  });
  claim(
    answers.every(({ accepted }) => accepted),
    `A peer refuses: ${refusals(answers)}`,
  );
  claim(judgement.code === 'receipt_missing', `Countersign says ${judgement.code || 'yes'}.`);
  return {
    detail: `${find.length} bytes at offset ${find.offset} of the dump sign: ${answers.length} of ${answers.length} other verifiers accept the forgery, Countersign refuses: receipt_missing`,
    value: forged,
  };
}

/** Which kids of the issuer's key set there are, as anybody reads it. */
export async function publishedKeys(mail: MailServer, kid?: string): Promise<JsonWebKey[]> {
  const response = await fetch(peerSetup(mail).jwksUri);
  const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
  return kid === undefined ? keys : keys.filter((key) => key.kid === kid);
}

function heldIn(quarantine: string): { report: Report; dump: string } {
  const name = readdirSync(quarantine).find((each) => each.endsWith('.report.json')) ?? '';
  const path = join(quarantine, name);
  return {
    report: JSON.parse(readFileSync(path, 'utf8')) as Report,
    dump: path.replace(/\.report\.json$/, ''),
  };
}

function readAt(file: string, offset: number, length: number): Buffer {
  const descriptor = openSync(file, 'r');
  const bytes = Buffer.alloc(length);
  readSync(descriptor, bytes, 0, length, offset);
  closeSync(descriptor);
  return bytes;
}

/** The scalar, in whichever order of bytes fits the public key. */
function keyFrom(scalar: Buffer, jwk: JsonWebKey): KeyObject {
  for (const bytes of [scalar, Buffer.from(scalar).reverse()]) {
    const { x = '', y = '' } = jwk;
    const d = bytes.toString('base64url');
    try {
      const key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d }, format: 'jwk' });
      if (createPublicKey(key).export({ format: 'jwk' }).x === x) return key;
    } catch {
      // The other order of bytes is no key of this point.
    }
  }
  throw new Error('The bytes at that place are not the key.');
}
