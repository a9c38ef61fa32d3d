import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { connectLocalSigner, type SignerClient, signerRefusal } from '@countersign/keys';
import { pino } from 'pino';
import { waitForChildren } from '../processes/wait-for-children.ts';
import { type HouseSigners, learnSigners } from './learn-signers.ts';
import { SignerNotes } from './note-signers.ts';
import type { SignerDoor } from './open-signer-doors.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-learn-signers-'));
const opened: HouseSigners[] = [];
afterEach(async () => {
  for (const house of opened.splice(0)) await house.close();
});
after(() => rmSync(root, { recursive: true }));

const passphrase = Buffer.from('correct horse battery staple');
const log = pino({ level: 'silent' });
const now = Math.floor(Date.now() / 1000);
const scope = {
  issuer: 'https://id.example/acme/workforce',
  ...({ tenant: 'acme', population: 'workforce', audiences: '*' } as const),
  tokenTypes: ['at+jwt' as const],
  longestLifetimeSeconds: 3600,
  notBeforeSeconds: now - 60,
  notAfterSeconds: now + 86_400,
};

async function door(name: string, folder = name): Promise<SignerDoor> {
  const client = await connectLocalSigner({ folder: join(root, folder), passphrase });
  const { close } = client;
  let isOpen = true;
  // A process ends once, however often it is told to.
  client.close = () => {
    if (isOpen) close();
    isOpen = false;
  };
  return { name, client, isRemote: false, stop: async () => client.close() };
}

/** A signer that nobody reaches. */
function deadDoor(name: string): SignerDoor {
  const gone = () => Promise.reject(signerRefusal('signer_unavailable', 'gone'));
  const client = { close: () => undefined } as Record<string, unknown>;
  for (const ask of ['sign', 'makeKey', 'changeKey', 'listKeys', 'readJournal', 'status', 'ready'])
    client[ask] = gone;
  return { name, client: client as unknown as SignerClient, isRemote: true, stop: async () => {} };
}

async function learn(doors: SignerDoor[], data = root): Promise<HouseSigners> {
  const notes = new SignerNotes(data);
  const house = await learnSigners({ doors, notes, children: waitForChildren(log), log });
  opened.push(house);
  return house;
}

describe('the signers of a house', () => {
  it('is asked as it is when there is one', async () => {
    const only = await door('first', 'only');
    const { signer, names, more } = await learn([only]);
    assert.equal(signer, only.client);
    assert.deepEqual([names, more], [['first'], []]);
  });

  it('are asked as one when there are two, and each has its journal', async () => {
    const { signer, names, more } = await learn([await door('first'), await door('second')]);
    assert.deepEqual(names, ['first', 'second']);
    assert.deepEqual(
      more.map(({ name }) => name),
      ['second'],
    );
    const made = await signer.makeKey('ES256', scope, { signer: 'second' });
    assert.equal(made.signer, 'second');
    assert.equal((await more[0]?.readJournal(1, 10))?.lastNumber, 0);
  });

  it('need not both be there at a start, if they were before: the keys of either are known', async () => {
    const { signer } = await learn([await door('first'), deadDoor('second')]);
    const keys = await signer.listKeys();
    assert.deepEqual(
      keys.map(({ signer: name, away }) => [name, away]),
      [['second', true]],
    );
  });

  it('stop the start when one comes back without its keys', async () => {
    const [first, other] = [await door('first'), await door('second', 'other')];
    await assert.rejects(learn([first, other]), { code: 'signer_changed' });
    first.client.close();
    other.client.close();
  });
});
