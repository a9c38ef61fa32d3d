// The last second of the key: from the next on its issuer, its signer and our verifier refuse, each by
// itself and without having been told.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { passphraseBytes, Signer } from '@countersign/keys';
import { createVerifier } from '@countersign/verifier';
import { systemClock } from '@countersign/vocabulary';
import { draftToken, signDraft } from '../src/attack/forge-token.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { endOf, type OldHouse } from './stage.ts';

const OVER: ReadonlySet<string> = new Set(['key_expired', 'key_withdrawn']);

export async function passTheEnd(house: OldHouse): Promise<Found<void>> {
  const { ours, genuine, policy, ground, client } = house;
  const before = await ours.judge(genuine.token);
  claim(before.accepted, `Before the end the token is refused: ${before.code}.`);
  await sleep(Math.max(0, endOf(house) * 1000 - Date.now()) + 50);
  const after = await ours.judge(genuine.token);
  claim(OVER.has(after.code), `After the end Countersign says ${after.code || 'nothing'}.`);
  claim(Number(genuine.claims['exp']) > Date.now() / 1000, 'The token itself has expired as well.');
  const verifier = createVerifier(policy);
  const standing = await verifier.standing(ground, { outliveToken: true });
  await verifier.close();
  claim(!standing.stands, 'A session made out of the token still stands.');
  const refusal = await client.getToken().then(
    () => '',
    (error: Error) => error.message,
  );
  claim(/ 503/.test(refusal), `The server goes on issuing: ${refusal || 'a token'}.`);
  return {
    detail: `a genuine token with ${Math.round(Number(genuine.claims['exp']) - Date.now() / 1000)} s to live is refused: ${after.code}; a session made out of it has ended (${standing.code}); the server issues nothing rather than by an old key (503)`,
    value: undefined,
  };
}

/** The sealed key file and the real signer, asked by whoever holds both. */
export async function askTheSigner({ server, stolen, genuine }: OldHouse): Promise<Found<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-signer-'));
  try {
    cpSync(join(server.data, 'signer'), folder, { recursive: true });
    rmSync(join(folder, 'lock'), { force: true });
    const signer = await Signer.open({
      ...{ folder, clock: systemClock },
      passphrase: passphraseBytes(server.secret('key-passphrase')),
    });
    try {
      const { kid } = stolen.record;
      const token = signDraft(draftToken(stolen, genuine.claims, {}));
      const input = Buffer.from(token.slice(0, token.lastIndexOf('.')));
      const [outcome] = signer.signBatch([{ kid, input }]);
      const code = outcome !== undefined && 'refused' in outcome ? codeOf(outcome.refused) : '';
      claim(code === 'key_expired', `The signer says ${code || 'nothing and signs'}.`);
      const made = await signer.listKeys().find((key) => key.kid === kid);
      return {
        detail: `asked by whoever has its folder and its passphrase it answers ${code}; it made ${made?.counts.journalled ?? 'no'} signatures before`,
        value: undefined,
      };
    } finally {
      signer.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
