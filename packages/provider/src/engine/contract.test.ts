// What we rely on inside oidc-provider 9.13.3 and no document promises. When this fails after an
// update, the files named in each test have to be read again before anything ships.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import * as index from 'oidc-provider';
import { openWorld, type World } from '../testing/open-world.ts';
import { registerClient, seedAcme } from '../testing/seed-acme.ts';
import { ListedKey } from './external-key.ts';
import {
  type Adapter,
  classesOf,
  ENGINE_VERSION,
  Engine,
  ExternalSigningKey,
  errors,
  interactionPolicy,
  oauthError,
  rotatedFrom,
} from './oidc-provider.ts';

const require = createRequire(import.meta.url);
const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  format: 'jwk',
});
const jwks = { keys: [jwk as never] };

describe('the contract with oidc-provider', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
    await seedAcme(world);
  });
  after(() => world.close());

  const empty = () => ({ find: () => Promise.resolve(undefined) }) as unknown as Adapter;
  const bareEngine = () => {
    const engine = new Engine('http://localhost/acme/workforce', {
      adapter: () => empty(),
      features: { devInteractions: { enabled: false } },
      jwks,
    });
    return { engine, classes: classesOf(engine) };
  };

  test('the version is the one that was read', () => {
    const path = require.resolve('oidc-provider').replace(/lib\/index\.js$/, 'package.json');
    assert.equal(
      (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version,
      ENGINE_VERSION,
    );
  });

  test('the deep paths give what the index gives', () => {
    assert.equal(index.default, Engine);
    assert.equal(index.ExternalSigningKey, ExternalSigningKey);
    assert.equal(index.errors.InvalidGrant, errors.InvalidGrant);
    assert.equal(index.interactionPolicy.Check, interactionPolicy.Check);
  });

  test('every member we replace is there, and belongs to one engine alone', () => {
    const { classes } = bareEngine();
    const other = bareEngine().classes;
    const members: [keyof typeof classes, string][] = [
      ['AccessToken', 'getValueAndPayload'],
      ['AccessToken', 'generateTokenId'],
      ['ClientCredentials', 'getValueAndPayload'],
      ['ClientCredentials', 'generateTokenId'],
      ['IdToken', 'issue'],
      ['Client', 'compareClientSecret'],
      ['Client', 'includeSid'],
      ['RefreshToken', 'consume'],
    ];
    for (const [name, member] of members) {
      const model = classes[name] as { prototype: Record<string, unknown> };
      assert.equal(typeof model.prototype[member], 'function', `${name}.${member}`);
      assert.notEqual(classes[name], other[name]);
    }
    assert.equal(typeof classes.Client.find, 'function');
    assert.equal(typeof classes.IdToken.validate, 'function');
    assert.ok(classes.RefreshToken.IN_PAYLOAD.includes('consumed'));
    assert.ok(classes.AuthorizationCode.IN_PAYLOAD.includes('consumed'));
    assert.ok(classes.Interaction.IN_PAYLOAD.includes('result'));
    assert.ok(classes.Session.IN_PAYLOAD.includes('loginTs'));
    assert.ok(classes.Grant.IN_PAYLOAD.includes('resources'));
    assert.ok('urlFor' in classes.OIDCContext.prototype);
    assert.ok(!('params' in classes.OIDCContext.prototype), 'params is a plain member of contexts');
    assert.ok('protocol' in classes.request);
  });

  test('a session that gets a new cookie value remembers the old one', () => {
    const { engine } = bareEngine();
    const session = new engine.Session();
    const { jti } = session;
    assert.equal(rotatedFrom(session), undefined);
    session.resetIdentifier();
    assert.equal(rotatedFrom(session), jti);
    assert.notEqual(session.jti, jti);
  });

  test('an error we make is shown as it is, with its status', () => {
    const error = oauthError(503, 'temporarily_unavailable', 'later');
    assert.ok(error instanceof errors.OIDCProviderError);
    assert.equal(error.statusCode, 503);
    assert.equal(error.expose, true);
    assert.equal(error.error, 'temporarily_unavailable');
  });

  test('the engine cannot sign by itself: its only door is the key, and the key refuses', async () => {
    const { config } = await registerClient(world);
    const [record] = await world.signer.listKeys();
    assert.ok(record);
    const key = new ListedKey(record);
    assert.ok(key instanceof ExternalSigningKey);
    assert.throws(() => key.sign(), { code: 'issuance_bypassed' });
    const engine = new Engine(config.serverMetadata().issuer, {
      jwks: { keys: [key] },
      adapter: () => empty(),
      clientDefaults: { id_token_signed_response_alg: key.alg as 'ES256' },
      features: {
        devInteractions: { enabled: false },
        externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      },
    });
    const EngineClient = engine.Client as unknown as new (metadata: object) => never;
    const client = new EngineClient({
      client_id: 'c',
      redirect_uris: ['https://client.example/callback'],
      token_endpoint_auth_method: 'none',
    });
    const token = new engine.IdToken({ sub: 'someone' }, { client });
    await assert.rejects(token.issue({ use: 'logout' }), { code: 'issuance_bypassed' });
  });

  test('no hidden notice or warning is printed by our settings', async (context) => {
    const info = context.mock.method(console, 'info', () => undefined);
    const warn = context.mock.method(console, 'warn', () => undefined);
    await world.restart();
    await fetch(`${world.baseUrl}/acme/customer/.well-known/openid-configuration`);
    assert.equal(info.mock.callCount() + warn.mock.callCount(), 0);
  });
});
