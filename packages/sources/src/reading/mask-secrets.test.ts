import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { maskSecrets, maskText } from './mask-secrets.ts';

const secret = 'IQoJb3JpZ2luX2VjE/Pretend+ToBeASessionToken==';
const record = {
  responseElements: { credentials: { accessKeyId: 'ASIAEXAMPLE000000001', sessionToken: secret } },
};

describe('secrets of a record', () => {
  it('are taken out of what is mapped, and the rest is left as it is', () => {
    assert.deepEqual(maskSecrets(record), {
      responseElements: {
        credentials: { accessKeyId: 'ASIAEXAMPLE000000001', sessionToken: 'MASKED' },
      },
    });
    const harmless = { requestParameters: { maxResults: 10, nextToken: 'abcdefghijklmnopqrst' } };
    assert.equal(maskSecrets(harmless), harmless, 'a record without secrets is not copied');
  });

  it('are taken out of the raw text, which else keeps its bytes', () => {
    const text = `{ "responseElements" : {"credentials":{"sessionToken": "${secret}"}},"x":1.0 }`;
    assert.equal(maskText(text, JSON.parse(text)), text.replace(secret, 'MASKED'));
  });

  it('are taken out of JSON that is held in text', () => {
    const text = JSON.stringify({
      CloudTrailEvent: JSON.stringify(record),
      EventName: 'AssumeRole',
    });
    assert.equal(maskText(text, JSON.parse(text)), text.replace(secret, 'MASKED'));
  });

  it('are never kept for the sake of the spelling', () => {
    const odd = JSON.stringify(record).replaceAll('/', '\\/').replaceAll('+', '\\u002b');
    const wrapped = JSON.stringify({ CloudTrailEvent: odd });
    for (const text of [odd, wrapped]) {
      const masked = maskText(text, JSON.parse(text));
      assert.ok(!JSON.stringify(JSON.parse(masked)).includes('Pretend'), masked);
      assert.match(masked, /MASKED/);
    }
  });

  it('leave what the source masked itself, and short texts that tear other values apart', () => {
    for (const kept of ['HIDDEN_DUE_TO_SECURITY_REASONS', '***', 'true', 'none']) {
      const text = JSON.stringify({ sessionToken: kept });
      assert.equal(maskText(text, JSON.parse(text)), text);
    }
  });

  it('are gone also when they are short, listed, named beside their value, or written into a text', () => {
    const held: [string, object][] = [
      ['Hunter2!', { requestParameters: { userName: 'Hunter2!-not', password: 'Hunter2!' } }],
      ['list-of-them', { password: ['list-of-them', 'another'] }],
      ['of-a-client', { representation: JSON.stringify({ clientId: 'x', secret: 'of-a-client' }) }],
      ['reset-to', { representation: JSON.stringify({ type: 'password', value: 'reset-to' }) }],
      ['in-a-list', { body: ' [{"accessToken":"in-a-list"}]' }],
      ['pair-value', { Parameters: [{ Name: 'Password', Value: 'pair-value' }] }],
      ['environment1', { environment: [{ name: 'DB_PASSWORD', value: 'environment1' }] }],
      ['eyJhbGciOi.J9.x', { headers: { authorization: 'Bearer eyJhbGciOi.J9.x' } }],
      ['from-a-query', { url: 'https://api.example/me?access_token=from-a-query&x=1' }],
      ['of-a-command', { Parameters: '-Identity "x" -Password "of-a-command" -Force' }],
      ['cGVt', { response: { name: 'keys/1', privateKeyData: 'cGVt' } }],
    ];
    for (const [one, whole] of held) {
      const secretly = (text: string) => text.replace(`${one}-not`, '').includes(one);
      assert.ok(!secretly(JSON.stringify(maskSecrets(whole))), one);
      assert.ok(!secretly(maskText(JSON.stringify(whole), whole)), `${one} in the raw text`);
    }
    const joined = {
      AppAccessContext: { UniqueTokenId: 'a' },
      refresh_token_id: 'b',
      nextToken: 'c',
    };
    assert.equal(maskSecrets(joined), joined, 'ids of tokens are no secrets');
  });

  it('are gone whatever stands around them', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ minLength: 12 }), (other, token) => {
        const whole = { other, deep: [{ responseElements: { sessionToken: token } }] };
        const masked = JSON.parse(maskText(JSON.stringify(whole), whole));
        assert.notEqual(masked.deep[0].responseElements.sessionToken, token);
      }),
    );
  });
});
