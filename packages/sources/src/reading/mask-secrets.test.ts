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
