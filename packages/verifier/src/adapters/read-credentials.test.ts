import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { REFUSAL_CODES, VerificationError } from '../refusal.ts';
import { challengeAnswer, faultAnswer, refusalAnswer } from './describe-refusal.ts';
import { CredentialFault, readCredentials } from './read-credentials.ts';

const carrying = (...authorization: string[]) => ({ authorization, dpop: [] as string[] });

describe('the credentials of a request', () => {
  it('are read back exactly as they were sent', () => {
    const letters = [...'abcXYZ019-._~+/'];
    const tokens = fc
      .tuple(
        fc.string({ unit: fc.constantFrom(...letters), minLength: 1 }),
        fc.constantFrom('', '=', '=='),
      )
      .map(([text, padding]) => text + padding);
    const schemes = fc.constantFrom('Bearer', 'bearer', 'BEARER', 'DPoP', 'dpop');
    fc.assert(
      fc.property(schemes, tokens, (scheme, token) => {
        const found = readCredentials(carrying(`${scheme} ${token}`), '');
        assert.equal(found?.token, token);
        assert.equal(found?.scheme, scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer');
      }),
    );
  });

  it('never hold more than one token, whatever the header says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Bearer ', 'DPoP ', 'Bearer', ''),
        fc.string(),
        (scheme, rest) => {
          try {
            const found = readCredentials(carrying(scheme + rest), '');
            if (found !== undefined) assert.match(found.token, /^[A-Za-z0-9\-._~+/]+=*$/);
          } catch (error) {
            assert.ok(error instanceof CredentialFault);
          }
        },
      ),
    );
  });

  it('are not looked for under another scheme that begins alike', () => {
    for (const value of ['Bearers abc', 'BearerToken abc', 'DPoPs abc', 'Basic YTpi', '']) {
      assert.equal(readCredentials(carrying(value), ''), undefined, value);
    }
  });

  it('are refused in the URL in any spelling of the name that the URL can have', () => {
    for (const search of [
      'access_token=a',
      'b=c&access_token=',
      'access%5Ftoken=a',
      'access_token',
    ]) {
      assert.throws(() => readCredentials(carrying(), search), CredentialFault, search);
    }
    assert.equal(readCredentials(carrying(), 'my_access_token=a'), undefined);
  });

  it('carry one proof at most', () => {
    const headers = { authorization: ['DPoP abc'], dpop: ['one', 'two'] };
    assert.throws(() => readCredentials(headers, ''), CredentialFault);
    const single = readCredentials({ ...headers, dpop: ['one'] }, '');
    assert.equal(single?.dpopProof, 'one');
  });
});

describe('the answer to a refused request', () => {
  it('has a status, a challenge and a problem for every code, and never the sentence', () => {
    for (const code of REFUSAL_CODES) {
      for (const scheme of ['Bearer', 'DPoP'] as const) {
        const refusal = new VerificationError(code, 'An inner sentence.', { alarm: true });
        const { status, headers, body } = refusalAnswer(refusal, scheme, {});
        assert.equal(status, refusal.status);
        assert.equal(headers['content-type'], 'application/problem+json');
        assert.equal(headers['www-authenticate'] === undefined, status === 503, code);
        assert.equal(headers['retry-after'] === undefined, status !== 503, code);
        assert.doesNotMatch(body + JSON.stringify(headers), /inner|receipt|quarantin|audit/, code);
      }
    }
  });

  it('cannot be broken open by what it quotes', () => {
    const options = { realm: 'a", error="none\r\nX-Evil: 1\\' };
    for (const { headers } of [
      challengeAnswer(options),
      faultAnswer(new CredentialFault('Bad.'), options),
    ]) {
      const [value = ''] = [headers['www-authenticate']];
      assert.match(value, /realm="a, error=noneX-Evil: 1"/);
      assert.doesNotMatch(value, /[\r\n\\]/);
    }
  });
});
