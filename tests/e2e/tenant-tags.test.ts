// Two tenants of one house and one log: each lists exactly what was issued in its name and proves
// that list complete; what could not be in the list is not accepted by a verifier with the key.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  createVerifier,
  decodeLeafEntry,
  decodeReceipt,
  encodeLeafEntry,
  isVerificationError,
  type LeafTags,
  parseTenantTagKey,
  type TenantTagKey,
  type VerifierPolicy,
} from '@countersign/verifier';
import * as client from 'openid-client';
import { runCli } from '../../apps/cli/src/testing/run-cli.ts';
import { draftToken, leafOf, signDraft } from '../../scenarios/src/attack/forge-token.ts';
import { stealKey } from '../../scenarios/src/attack/steal-keys.ts';
import { submitLeaf } from '../../scenarios/src/attack/submit-leaf.ts';
import { type Registered, readToken, registerClient, signInForTokens } from './act-as-client.ts';
import { pinPolicy } from './open-judge.ts';
import { factsOf, readEvents, readLog } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';

const TENANTS = ['acme', 'globex'] as const;
type Tenant = (typeof TENANTS)[number];
/** Enough for a full bundle and a partial one. */
const TOKENS_EACH = 150;

interface Line {
  index: number;
  type: string;
  expiresAtSeconds: number;
  instance: string;
}

describe('the tags of two tenants in one log', () => {
  let house: House;
  let folder: string;
  let policy: VerifierPolicy;
  const services = {} as Record<Tenant, Registered>;
  const tokens: Record<Tenant, string[]> = { acme: [], globex: [] };
  const keys = {} as Record<Tenant, TenantTagKey>;

  before(async () => {
    house = await runHouse();
    folder = mkdtempSync(join(tmpdir(), 'countersign-tags-'));
    await house.operate('/tenants', { tenant: 'globex' });
    for (const tenant of TENANTS) {
      const text = JSON.stringify(await house.operate(`/tenants/${tenant}/tag-key`));
      writeFileSync(join(folder, `${tenant}.json`), text, { mode: 0o600 });
      keys[tenant] = parseTenantTagKey(text);
      services[tenant] = await joinTenant(tenant);
    }
    await Promise.all(TENANTS.map((tenant) => issueTokens(tenant)));
    const person = await signInForTokens(house, await registerClient(house), {
      resource: house.demo.resource.identifier,
    });
    tokens.acme.push(person.access_token, person.id_token ?? '');
    policy = await pinPolicy(house, `${house.url}/acme/workforce`);
    // Keys have entries too, so that the last token says how far the log must be.
    const all = TENANTS.flatMap((tenant) => indexesOf(tokens[tenant]));
    await readLog(house, policy, Math.max(...all) + 1);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await house.remove();
  });

  const apiOf = (tenant: Tenant) => `https://api.${tenant}.example/tags`;

  async function joinTenant(tenant: Tenant): Promise<Registered> {
    const identifier = apiOf(tenant);
    await house.operate('/resources', { tenant, identifier, name: 'API', scopes: ['read'] });
    const metadata = {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      resources: [identifier],
    };
    return registerClient(house, metadata, `${tenant}/workforce`);
  }

  async function issueTokens(tenant: Tenant): Promise<void> {
    const ask = async () => {
      while (tokens[tenant].length < TOKENS_EACH) {
        // Its place is taken before the answer is there, or the others would overshoot.
        const place = tokens[tenant].push('') - 1;
        const { access_token } = await client.clientCredentialsGrant(services[tenant].config);
        tokens[tenant][place] = access_token;
      }
    };
    await Promise.all([1, 2, 3, 4].map(ask));
  }

  function listTokens(tenant: Tenant, ...args: string[]) {
    const [log] = policy.issuers[0]?.receipts.logs ?? [];
    const where = args.includes('--log') ? [] : ['--server', house.url];
    return runCli(
      [
        ...['log', 'tokens', '--json', '--tag-key-file', `${tenant}.json`],
        ...['--checkpoint-key', log?.checkpointKey ?? '', ...where, ...args],
      ],
      { workingFolder: folder },
    );
  }

  const indexOf = (token: string): number =>
    decodeReceipt(Buffer.from(String(readToken(token).header['itr']), 'base64url')).index;
  const indexesOf = (some: readonly string[]) => some.map(indexOf).sort((a, b) => a - b);
  const listed = (json: Record<string, unknown>) => (json['tokens'] as Line[]).map((l) => l.index);

  test('each tenant lists its own tokens, all of them and no other', async () => {
    for (const tenant of TENANTS) {
      const answer = await listTokens(tenant);
      assert.equal(answer.exitCode, 0, answer.out);
      const json = answer.json();
      assert.deepEqual(listed(json), indexesOf(tokens[tenant]));
      assert.equal(json['untagged'], 0);
      assert.ok(Number(json['others']) >= TOKENS_EACH);
      const lines = json['tokens'] as Line[];
      const instance = readFileSync(join(house.data, 'instance-id'), 'utf8').trim();
      assert.ok(lines.every((line) => line.instance === instance));
    }
  });

  test('the list is what the house has on record as issued', async () => {
    const issued = (await readEvents(house, ['token.issued'])).map(factsOf);
    for (const tenant of TENANTS) {
      const recorded = issued
        .filter(({ realm }) => String(realm).startsWith(`${tenant}/`))
        .map((facts) => Number(facts['log_index']))
        .sort((a, b) => a - b);
      assert.deepEqual(listed((await listTokens(tenant)).json()), recorded);
    }
  });

  test('a tenant finds the tokens of one person or service, of one day, and from a place on', async () => {
    const person = tokens.acme.slice(TOKENS_EACH);
    const sub = String(readToken(person[0] ?? '').claims['sub']);
    const ofPerson = (await listTokens('acme', '--user', sub)).json();
    assert.deepEqual(listed(ofPerson), indexesOf(person));
    assert.deepEqual(
      (ofPerson['tokens'] as Line[]).map(({ type }) => type),
      person.map((token) => (readToken(token).header['typ'] === 'JWT' ? 'id' : 'access')),
    );
    assert.deepEqual(listed((await listTokens('globex', '--user', sub)).json()), []);
    assert.deepEqual(listed((await listTokens('acme', '--day', '2001-01-01')).json()), []);
    const own = indexesOf(tokens.acme);
    const from = own[own.length - 20] ?? 0;
    assert.ok(from > 256, 'the first bundle is not read');
    assert.deepEqual(
      listed((await listTokens('acme', '--from', `${from}`)).json()),
      own.slice(-20),
    );
  });

  test('the list is not shown when the log leaves out, adds or changes an entry', async () => {
    const tricks: Record<string, (bundle: Buffer) => Buffer> = {
      'one bit of an entry': (bundle) => {
        bundle[200] = (bundle[200] ?? 0) ^ 1;
        return bundle;
      },
      'one entry twice instead of the next': (bundle) => {
        const first = bundle.subarray(0, bundle.readUInt16BE(0) + 2);
        return Buffer.concat([first, first, bundle.subarray(2 * first.length)]);
      },
      'one entry less': (bundle) => bundle.subarray(bundle.readUInt16BE(0) + 2),
    };
    for (const [what, trick] of Object.entries(tricks)) {
      const liar = await lieAbout(/tile\/entries\/000$/, trick);
      const answer = await listTokens('acme', '--log', `${liar.url}/log`);
      liar.close();
      assert.equal(answer.exitCode, 1, what);
      const { error, tokens: shown } = answer.json();
      assert.match((error as { code: string }).code, /^log_(unproven|answer_malformed)$/, what);
      assert.equal(shown, undefined);
    }
  });

  async function lieAbout(path: RegExp, lie: (body: Buffer) => Buffer) {
    const server: Server = createServer((request, response) => {
      fetch(`${house.url}${request.url}`).then(async (answer) => {
        const body = Buffer.from(await answer.arrayBuffer());
        response.writeHead(answer.status).end(path.test(request.url ?? '') ? lie(body) : body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}`,
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  }

  test('a forgery that was logged without the tenant’s tags is refused by who holds its key', async () => {
    const [genuine = ''] = tokens.acme;
    const genuineReceipt = Buffer.from(String(readToken(genuine).header['itr']), 'base64url');
    const borrowed = decodeReceipt(genuineReceipt).tags;
    assert.ok(borrowed !== undefined);
    const { credential } = await house.operate('/submitters', { name: 'second issuer' });
    const key = stealKey(
      { data: house.data, secret: (name) => house.secretFile(name).trim() },
      `${house.url}/acme/workforce`,
    );
    const verifier = createVerifier(policy, { tenantTagKey: keys.acme });
    const unaware = createVerifier(policy, {});
    try {
      await verifier.verifyToken(genuine, { audience: apiOf('acme') });
      for (const tags of [undefined, borrowed]) {
        const forged = await forge(key, genuine, String(credential), tags);
        assert.ok(await unaware.verifyToken(forged, { audience: apiOf('acme') }));
        const refusal = await verifier.verifyToken(forged, { audience: apiOf('acme') }).then(
          () => assert.fail('accepted'),
          (error: unknown) => error,
        );
        assert.ok(isVerificationError(refusal));
        assert.deepEqual([refusal.code, refusal.alarm], ['receipt_untagged', true]);
      }
    } finally {
      await Promise.all([verifier.close(), unaware.close()]);
    }
  });

  /** What the holder of the signing key and a submitter's credential can make, short of the tag key. */
  async function forge(
    key: ReturnType<typeof stealKey>,
    genuine: string,
    credential: string,
    tags: LeafTags | undefined,
  ): Promise<string> {
    const draft = draftToken(key, readToken(genuine).claims, {});
    const leaf = encodeLeafEntry({ ...decodeLeafEntry(leafOf(draft, Date.now())), tags });
    return signDraft(draft, await submitLeaf(house.url, credential, leaf));
  }

  test('the key is the operator’s to hand out, is on the tenant’s record, and is in no log', async () => {
    const answer = await house.api('/tenants/acme/tag-key');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.notDeepEqual(keys.acme.keys, keys.globex.keys);
    assert.equal((await house.api('/tenants/nobody/tag-key')).status, 404);
    assert.equal((await fetch(`${house.url}/api/v1/tenants/acme/tag-key`)).status, 401);
    const page = await house.operate('/events?name=tag_key.read&tenant=acme');
    const events = page['events'] as { ocsf: object }[];
    assert.equal(events.length, 2);
    const written = JSON.stringify(events) + house.output.join('');
    for (const key of [...keys.acme.keys, ...keys.globex.keys]) {
      for (const encoding of ['base64url', 'base64', 'hex'] as const) {
        assert.ok(!written.includes(Buffer.from(key).toString(encoding)));
      }
    }
  });

  test('the tags and the instance are the same after a restart', async () => {
    await house.stop();
    await house.start();
    const { access_token } = await client.clientCredentialsGrant(services.globex.config);
    await readLog(house, policy, indexOf(access_token) + 1);
    const again = parseTenantTagKey(JSON.stringify(await house.operate('/tenants/globex/tag-key')));
    assert.deepEqual(again, keys.globex);
    const shown = listed((await listTokens('globex')).json());
    assert.deepEqual(shown, indexesOf([...tokens.globex, access_token]));
  });
});
