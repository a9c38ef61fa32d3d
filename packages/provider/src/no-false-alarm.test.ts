import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReconciler } from '@countersign/audit';
import { encodeLeafEntry } from '@countersign/verifier';
import * as client from 'openid-client';
import { type Broken, openWorld } from './testing/open-world.ts';
import { ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  askForToken,
  codeRequest,
  redeem,
  registerClient,
  seedAcme,
  signInAsAda,
  signInForTokens,
} from './testing/seed-acme.ts';

test('everything we do ourselves, failures included, raises no alarm in the reconciler', async () => {
  const world = await openWorld();
  try {
    const acme = await seedAcme(world);
    const reconciler = createReconciler({
      audit: world.audit,
      readJournal: (from, limit) => world.signer.readJournal(from, limit),
      readEntries: async (from, limit) => ({
        entries: await world.log.readEntries(from, limit),
        durableSize: world.log.durableSize,
      }),
      verifyEvidence: () => assert.fail('nothing was reported'),
      onFinding: () => undefined,
      graceMs: 0,
    });
    await reconciler.catchUpAtBoot();

    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    const first = await signInForTokens(world, registered, {}, browser);
    const second = await client.refreshTokenGrant(registered.config, first.refresh_token ?? '');
    await client.tokenRevocation(registered.config, second.access_token);
    await client.refreshTokenGrant(registered.config, second.refresh_token ?? '');
    const request = await codeRequest(registered.config);
    const back = await signInAsAda(world, request);
    await Promise.allSettled([1, 2, 3].map(() => redeem(registered.config, request, back)));
    await redeem(registered.config, request, back).catch(() => undefined);

    const service = await registerClient(world, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
    });
    await Promise.all(Array.from({ length: 20 }, () => askForToken(service)));
    for (const party of ['signer', 'audit'] as const) {
      const failing: Broken = { gate: 'open', [party]: new Error('gone') };
      Object.assign(world.broken, failing);
      assert.equal((await askForToken(service)).status, 503);
      Object.assign(world.broken, { gate: undefined, [party]: undefined });
    }

    const page = await browser.open(`${acme.issuer}/session/end`);
    const form = page.forms[0];
    assert.ok(form);
    await browser.submit(page, form, { logout: 'yes' });
    await world.house.endSignIns('acme/workforce', acme.ada.id);

    await reconciler.tick();
    await reconciler.tick();
    assert.deepEqual(await world.audit.listFindings(), []);

    // The same reconciler does see a leaf that is not ours.
    await world.log.append(
      encodeLeafEntry({
        type: 'access',
        issuedMs: Date.now(),
        expiresAtSeconds: Math.floor(Date.now() / 1000) + 600,
        commitment: new Uint8Array(32).fill(9),
      }),
    );
    await reconciler.tick();
    await reconciler.tick();
    assert.equal((await world.audit.listFindings()).length, 1);
  } finally {
    await world.close();
  }
});
