import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  createDirectory,
  type Directory,
  type DirectoryTables,
  directoryMigrations,
  MOST_PASSKEYS,
} from '@countersign/directory';
import { openStore, type Store } from '@countersign/storage';
import { systemClock, systemRandom } from '@countersign/vocabulary';
import fc from 'fast-check';
import { ArtifactNames } from '../artifacts/hash-value.ts';
import { providerMigrations } from '../artifacts/migrations.ts';
import type { ProviderTables } from '../artifacts/tables.ts';
import { defaultLimits } from '../limits.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { REALM } from '../testing/seed-acme.ts';
import { cborMap, SoftAuthenticator } from '../testing/soft-authenticator.ts';
import { askForNewPasskey, askForPasskey } from './ask-for-passkey.ts';
import { attestsNothing } from './attests-nothing.ts';
import type { ChallengePurpose } from './challenge.ts';
import { enrolPasskey } from './enrol-passkey.ts';
import { isUsableKey } from './is-usable-key.ts';
import { provePasskey } from './prove-passkey.ts';
import { relyingParty } from './relying-party.ts';

const ORIGIN = 'https://id.example';
const SIGN_IN: ChallengePurpose = { ceremony: 'sign-in', place: 'uid-1' };

describe('what an authenticator says', () => {
  let store: Store<ProviderTables & DirectoryTables>;
  let directory: Directory;
  let realm: RealmContext;
  let enrol: ChallengePurpose & { personId: string };
  before(async () => {
    const migrations = [...directoryMigrations, ...providerMigrations];
    store = await openStore({ memory: true, migrations, clock: systemClock });
    directory = createDirectory({ store, clock: systemClock, random: systemRandom });
    await directory.tenants.create({ name: 'acme', displayName: 'Acme' });
    const { id } = await directory.people.create({ realm: REALM, username: 'ada' });
    enrol = { ceremony: 'enrol', place: 'session-1', personId: id };
    realm = {
      ...{ id: REALM, realm: { tenant: 'acme', population: 'workforce' }, displayName: 'Acme' },
      ...{ issuer: `${ORIGIN}/acme/workforce`, clock: systemClock, random: systemRandom },
      ...{ store, directory, limits: defaultLimits },
      secrets: { challengeKey: Buffer.alloc(32, 3) },
      names: new ArtifactNames(REALM, Buffer.alloc(32, 4)),
    } as unknown as RealmContext;
  });
  after(() => store.close());

  async function askNew(): Promise<string> {
    const person = await directory.people.find(REALM, enrol.personId);
    assert.ok(person);
    return (await askForNewPasskey(realm, enrol, person)) ?? '';
  }

  async function newPasskey(): Promise<SoftAuthenticator> {
    const passkey = new SoftAuthenticator(ORIGIN, 'synced');
    const answer = passkey.create(await askNew());
    assert.ok('enrolled' in (await enrolPasskey(realm, { answer, name: 'Phone' }, enrol)));
    return passkey;
  }

  const ask = async () => (await askForPasskey(realm, SIGN_IN)) ?? '';

  /** The answer with one bit of one of its members changed. */
  function flip(answer: string, member: string, at: number): string {
    const said = JSON.parse(answer);
    const bytes = Buffer.from(said.response[member], 'base64url');
    // The frame of a signature (DER) may be written in several ways, its numbers in one.
    const from = member === 'signature' ? bytes.length - 16 : 0;
    said.response[member] = flipBit(bytes, from, at).toString('base64url');
    return JSON.stringify(said);
  }

  function flipBit(bytes: Buffer, from: number, at: number): Buffer {
    const place = from * 8 + (at % ((bytes.length - from) * 8));
    bytes[place >> 3] = (bytes[place >> 3] ?? 0) ^ (1 << (place & 7));
    return bytes;
  }

  test('is refused with any bit of it changed, and taken without', async () => {
    const passkey = await newPasskey();
    const members = fc.constantFrom(
      'authenticatorData',
      'clientDataJSON',
      'signature',
      'userHandle',
    );
    await fc.assert(
      fc.asyncProperty(members, fc.nat({ max: 4095 }), async (member, at) => {
        const answer = flip(passkey.get(await ask()), member, at);
        assert.equal((await provePasskey(realm, answer, SIGN_IN)).passed, false);
      }),
      { numRuns: 150 },
    );
    const good = passkey.get(await ask());
    assert.equal((await provePasskey(realm, good, SIGN_IN)).passed, true);
    assert.equal((await provePasskey(realm, good, SIGN_IN)).passed, false);
  });

  test('of a new passkey is read without a throw, whatever it holds', async () => {
    const options = await askNew();
    const whole = attestationOf(options);
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
      fc.nat({ max: whole.length - 1 }).map((length) => whole.subarray(0, length)),
    );
    const changed = fc.nat({ max: 4095 }).map((at) => flipBit(Buffer.from(whole), 0, at));
    const enrolWith = (attestation: Buffer) => {
      const said = JSON.parse(new SoftAuthenticator(ORIGIN).create(options));
      said.response.attestationObject = attestation.toString('base64url');
      return enrolPasskey(realm, { answer: JSON.stringify(said), name: '' }, enrol);
    };
    await fc.assert(
      fc.asyncProperty(garbage, async (bytes) => {
        assert.deepEqual(await enrolWith(bytes), { refused: 'passkey_refused' });
      }),
    );
    // Nothing attests a new passkey: some bits are the authenticator's to say, and the rest refuse.
    await fc.assert(
      fc.asyncProperty(changed, async (bytes) => {
        await enrolWith(bytes);
      }),
    );
    for (const transports of ['usb', 7, null, { length: 3 }, [7, 'usb'], Array(99).fill('nfc')]) {
      const fresh = await askNew();
      const said = JSON.parse(new SoftAuthenticator(ORIGIN).create(fresh));
      said.response.transports = transports;
      const made = await enrolPasskey(realm, { answer: JSON.stringify(said), name: '' }, enrol);
      assert.ok('enrolled' in made || made.refused === 'too_many_passkeys');
    }
    const held = await directory.passkeys.list(REALM, enrol.personId);
    assert.ok(held.length <= MOST_PASSKEYS);
  });

  function attestationOf(options: string): Buffer {
    const said = JSON.parse(new SoftAuthenticator(ORIGIN).create(options));
    return Buffer.from(said.response.attestationObject, 'base64url');
  }

  test('in another spelling is no other answer: a challenge is good once', async () => {
    const passkey = await newPasskey();
    // Readers differ about characters that are not in the alphabet: one reads nothing, one a zero.
    for (let tries = 0; tries < 200; tries += 1) {
      const said = JSON.parse(passkey.get(await ask()));
      const { clientDataJSON } = said.response as { clientDataJSON: string };
      const spellings = [...clientDataJSON.matchAll(/A/g)]
        .map(({ index }) => `${clientDataJSON.slice(0, index)}+${clientDataJSON.slice(index + 1)}`)
        .filter((spelling) => challengeIn(spelling) !== challengeIn(clientDataJSON));
      const [spelling] = spellings;
      if (spelling === undefined) continue;
      const answers = [clientDataJSON, spelling].map((clientDataJSON) =>
        JSON.stringify({ ...said, response: { ...said.response, clientDataJSON } }),
      );
      const passed = [];
      for (const answer of answers) {
        passed.push((await provePasskey(realm, answer, SIGN_IN)).passed);
      }
      assert.deepEqual(passed, [true, false]);
      return;
    }
    assert.fail('no challenge could be spelt in two ways');
  });

  function challengeIn(clientDataJson: string): unknown {
    try {
      return JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8')).challenge;
    } catch {
      return undefined;
    }
  }

  test('is of another host, and so refused', async () => {
    const elsewhere = { ...realm, issuer: 'https://id.example.evil/acme/workforce' };
    const options = (await askForPasskey(elsewhere as RealmContext, SIGN_IN)) ?? '';
    const passkey = await newPasskey();
    const answer = passkey.get(options);
    assert.equal((await provePasskey(realm, answer, SIGN_IN)).passed, false);
  });
});

test('an issuer at an address has no passkeys, one with a name has those of its host', () => {
  assert.equal(relyingParty({ issuer: 'http://127.0.0.1:4600/acme/workforce' }), undefined);
  assert.equal(relyingParty({ issuer: 'http://[::1]:4600/acme/workforce' }), undefined);
  assert.deepEqual(relyingParty({ issuer: 'https://id.example:8443/acme/workforce' }), {
    id: 'id.example',
    origin: 'https://id.example:8443',
  });
});

test('certificates that come with a new passkey are not followed', () => {
  const attestation = (fmt: string, statement: Parameters<typeof cborMap>[0]) => {
    const [head, body] = [cborMap([['fmt', fmt]]), cborMap(statement)];
    const name = cborMap([['attStmt', {}]]).subarray(1, -1);
    return Buffer.concat([Buffer.from([0xa2]), head.subarray(1), name, body]).toString('base64url');
  };
  assert.equal(attestsNothing(attestation('none', [])), true);
  assert.equal(attestsNothing(attestation('packed', [['alg', -7]])), true);
  assert.equal(attestsNothing(attestation('packed', [['x5c', Buffer.alloc(4)]])), false);
  for (const format of ['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'tpm', 'new']) {
    assert.equal(attestsNothing(attestation(format, [])), false, format);
  }
  const nested = Buffer.alloc(8000, 0x81).toString('base64url');
  for (const bad of [undefined, '', 'oA', 'AA', '_____w', nested]) {
    assert.equal(attestsNothing(bad), false);
  }
});

function cose(...entries: [number, number | Buffer][]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(cborMap(entries));
}

test('keys of each kind that is offered are told from broken ones', () => {
  const point = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  });
  const edwards = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const rsa = (modulusLength: number) =>
    generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
  const bytes = (text = '') => Buffer.from(text, 'base64url');
  const ec = (y: Buffer) => cose([1, 2], [3, -7], [-1, 1], [-2, bytes(point.x)], [-3, y]);
  const rsaKey = ({ n }: { n?: string }) =>
    cose([1, 3], [3, -257], [-1, bytes(n)], [-2, Buffer.from([1, 0, 1])]);
  assert.ok(isUsableKey(ec(bytes(point.y))));
  assert.ok(isUsableKey(cose([1, 1], [3, -8], [-1, 6], [-2, bytes(edwards.x)])));
  assert.ok(isUsableKey(rsaKey(rsa(2048))));
  assert.equal(isUsableKey(rsaKey(rsa(1024))), false);
  assert.equal(isUsableKey(ec(bytes(point.x))), false);
  assert.equal(isUsableKey(ec(bytes(point.y).subarray(1))), false);
  assert.equal(isUsableKey(cose([1, 2], [3, -7])), false);
  assert.equal(isUsableKey(cose([1, 9])), false);
  // A key whose algorithm is that of another kind would be kept and never be right.
  const mixed = cose([1, 2], [3, -257], [-1, 1], [-2, bytes(point.x)], [-3, bytes(point.y)]);
  assert.equal(isUsableKey(mixed), false);
  assert.equal(isUsableKey(new Uint8Array()), false);
});
