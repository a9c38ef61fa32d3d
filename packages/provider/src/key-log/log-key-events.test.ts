// The keys of a real realm and a real log: none is shown without its entry, whatever dies between
// the three writes that an entry takes, and none of those entries looks like a theft.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createReconciler, type Finding } from '@countersign/audit';
import type { PublicKeyRecord } from '@countersign/keys';
import {
  decodeBase64url,
  decodeLogEntry,
  encodeBase64url,
  openReceiptLog,
  parseVerifierKey,
  verifyKeyReceipt,
} from '@countersign/verifier';
import { systemClock as clock } from '@countersign/vocabulary';
import { openWorld, type World } from '../testing/open-world.ts';
import { registerClient, seedAcme, signInForTokens } from '../testing/seed-acme.ts';
import { createKeyLog, type KeyLogParts } from './log-key-events.ts';

let world: World;
before(async () => {
  world = await openWorld();
  await seedAcme(world);
});
after(() => world.close());

async function shownKeys() {
  const { keys } = await world.house.jwks({ tenant: 'acme', population: 'workforce' });
  return keys.toSorted((one, other) => (one.kid < other.kid ? -1 : 1));
}

async function loggedEvents(kid?: string): Promise<string[]> {
  const entries = await world.log.readEntries(0, 4096);
  return entries.flatMap((entry) => {
    const read = decodeLogEntry(entry);
    if (read.kind !== 'key' || (kid !== undefined && read.kid !== kid)) return [];
    return [`${read.event} ${read.kid}`];
  });
}

function keyLog(change: { [Part in keyof KeyLogParts]?: Partial<KeyLogParts[Part]> } = {}) {
  const notary = {
    append: (entry: Uint8Array) => world.log.append(entry),
    ready: async () => undefined,
  };
  return createKeyLog({
    clock,
    audit: { ...world.audit, ...change.audit },
    notary: { ...notary, ...change.notary },
  });
}

let tenants = 0;

/** A key of a realm that nobody opens. */
async function newKey(): Promise<PublicKeyRecord> {
  const [{ scope } = assert.fail()] = await world.signer.listKeys();
  tenants += 1;
  const tenant = `tenant-${tenants}`;
  const issuer = `${world.baseUrl}/${tenant}/${scope.population}`;
  return world.signer.makeKey('EdDSA', { ...scope, tenant, issuer });
}

describe('the keys of a realm', () => {
  test('are shown with receipts that hold for issuer, kid, key and end, and for nothing else', async () => {
    const { origin, keys } = world.log.identity;
    const logs = [await openReceiptLog(origin, parseVerifierKey(keys.receipt))];
    for (const jwk of await shownKeys()) {
      const fact = {
        issuer: `${world.baseUrl}/acme/workforce`,
        kid: jwk.kid,
        thumbprint: jwk.kid,
        notAfterSeconds: jwk.exp,
      };
      const receipt = decodeBase64url(jwk.itr) ?? assert.fail();
      assert.equal((await verifyKeyReceipt(receipt, fact, logs)).ok, true);
      const longer = { ...fact, notAfterSeconds: jwk.exp + 1 };
      assert.equal((await verifyKeyReceipt(receipt, longer, logs)).ok, false);
    }
  });

  test('have each one entry for their publication, and one before they may sign', async () => {
    const shown = await shownKeys();
    const active = (await world.signer.listKeys()).filter(({ life }) => life.state === 'active');
    // Standbys are shown long before they sign.
    assert.ok(active.length > 0 && active.length < shown.length);
    const logged = [
      ...shown.map(({ kid }) => `published ${kid}`),
      ...active.map(({ kid }) => `activated ${kid}`),
    ];
    assert.deepEqual((await loggedEvents()).sort(), logged.sort());
    await signInForTokens(world, await registerClient(world));
    await signInForTokens(world, await registerClient(world));
    assert.equal((await loggedEvents()).length, logged.length);
    const names = ['key.published', 'key.activated'] as const;
    const events = await world.audit.listEvents({ names: [...names] });
    assert.deepEqual(
      events.map(({ name }) => name).sort(),
      [...shown.map(() => names[0]), ...active.map(() => names[1])].sort(),
    );
  });

  test('keep their receipts through a restart, without further entries', async () => {
    const before = { shown: await shownKeys(), logged: await loggedEvents() };
    await world.restart();
    await signInForTokens(world, await registerClient(world));
    assert.deepEqual({ shown: await shownKeys(), logged: await loggedEvents() }, before);
  });
});

describe('logging an event of a key', () => {
  test('is done once, however many ask, and in however many processes', async () => {
    const key = await newKey();
    const [one, other] = [keyLog(), keyLog()];
    const receipts = await Promise.all(
      [one, one, other, other].map((log) => log.ensure('published', key)),
    );
    const again = await keyLog().ensure('published', key);
    assert.deepEqual(new Set(receipts.map(encodeBase64url)), new Set([encodeBase64url(again)]));
    // Two processes at once may log it twice; which of the two entries counts is decided once.
    assert.ok((await loggedEvents(key.kid)).length <= 2);
    assert.equal(await settledRows(key.kid), 1);
  });

  test('asks nothing of anybody while the log does not answer', async () => {
    const key = await newKey();
    const away = { ready: () => Promise.reject(new Error('log away')) };
    const log = keyLog({ notary: away });
    await assert.rejects(log.ensure('published', key), /log away/);
    assert.equal(await announcedRows(key.kid), 0);
  });

  test('that dies at any of its steps is made good by asking again, and alarms nobody', async () => {
    const told: Finding[] = [];
    const reconciler = createReconciler({
      audit: world.audit,
      graceMs: 0,
      readJournal: async () => ({ entries: [], lastNumber: 0 }),
      readEntries: async (from, limit) => ({
        entries: await world.log.readEntries(from, limit),
        durableSize: world.log.durableSize,
      }),
      verifyEvidence: () => ({ signatureValid: false }),
      onFinding: (finding) => {
        told.push(finding);
      },
    });
    const dies = () => Promise.reject(new Error('killed'));
    const steps: Parameters<typeof keyLog>[0][] = [
      { audit: { announceKeyEvent: dies } },
      { notary: { append: dies } },
      {
        notary: {
          append: async (entry) => {
            await world.log.append(entry);
            return dies();
          },
        },
      },
      { audit: { settleKeyEvent: dies } },
    ];
    for (const step of steps) {
      const key = await newKey();
      await assert.rejects(keyLog(step).ensure('published', key), /killed/);
      assert.equal(await settledRows(key.kid), 0);
      await keyLog().ensure('published', key);
      assert.equal(await settledRows(key.kid), 1);
      const logged = (await loggedEvents(key.kid)).length;
      assert.ok(logged === 1 || logged === 2, `${logged} entries`);
    }
    for (let look = 0; look < 3; look += 1) await reconciler.tick();
    assert.deepEqual(
      told.filter((finding) => finding.class === 'rogue'),
      [],
    );
  });
});

async function announcedRows(kid: string): Promise<number> {
  const rows = world.store.read.selectFrom('key_event').select('kid').where('kid', '=', kid);
  return (await rows.execute()).length;
}

async function settledRows(kid: string): Promise<number> {
  const rows = world.store.read
    .selectFrom('key_event')
    .select('kid')
    .where('kid', '=', kid)
    .where('receipt', 'is not', null);
  return (await rows.execute()).length;
}
