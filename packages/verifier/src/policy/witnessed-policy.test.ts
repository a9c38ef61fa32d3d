// The members of a policy about witnesses: which of them a log needs, and who waits for them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TestCosigner } from '../testing/test-cosigner.ts';
import { TestIssuer } from '../testing/test-issuer.ts';
import { TestLog } from '../testing/test-log.ts';
import { parsePolicy } from './parse-policy.ts';
import type { ReceiptPolicy, VerifierPolicy } from './verifier-policy.ts';

const issuer = new TestIssuer();
const witness = new TestCosigner('witness.example');
const WITNESSES = `witness w ${witness.keyText}\nquorum w\n`;

function policyWith(receipts: Partial<ReceiptPolicy>, log: object = {}): string {
  const logs = [{ ...issuer.logPolicy(), ...log }];
  const change = { receipts: { mode: 'required' as const, logs, startByKid: {}, ...receipts } };
  return JSON.stringify(issuer.policy(change) satisfies VerifierPolicy);
}

describe('the witnesses of a log in a policy', () => {
  it('are a tlog-policy, with this log in it or with none', () => {
    for (const lines of [WITNESSES, `log ${issuer.log.checkpointKeyText}\n${WITNESSES}`]) {
      const [read] = parsePolicy(policyWith({}, { witnesses: lines })).issuers;
      assert.equal(read?.receipts.logs[0]?.witnesses, lines);
    }
    const other = `log ${new TestLog('other.example').checkpointKeyText}\n`;
    const both = `${other}log ${issuer.log.checkpointKeyText}\n${WITNESSES}`;
    assert.ok(parsePolicy(policyWith({}, { witnesses: both })));
  });

  it('refuse the policy when they are none, or those of another log', () => {
    const stranger = new TestLog(issuer.log.origin);
    for (const log of [new TestLog('other.example'), stranger]) {
      const lines = `log ${log.checkpointKeyText}\n${WITNESSES}`;
      assert.throws(() => parsePolicy(policyWith({}, { witnesses: lines })), {
        code: 'policy_malformed',
      });
    }
    for (const witnesses of ['', 7, null, 'x'.repeat(600_000)]) {
      assert.throws(() => parsePolicy(policyWith({}, { witnesses })), {
        code: 'policy_malformed',
      });
    }
    assert.throws(() => parsePolicy(policyWith({}, { witnesses: 'quorum w\n' })), {
      code: 'tlog_policy_malformed',
    });
  });

  it('may be many more than a text of a policy usually has characters', () => {
    const long = `${'# padding\n'.repeat(1000)}${WITNESSES}`;
    assert.ok(parsePolicy(policyWith({}, { witnesses: long })));
  });
});

describe('strict audiences in a policy', () => {
  it('are read, each once, and only where receipts are required', () => {
    const strictAudiences = ['https://vault.example', 'https://pay.example'];
    const [read] = parsePolicy(policyWith({ strictAudiences })).issuers;
    assert.deepEqual(read?.receipts.strictAudiences, strictAudiences);
    for (const mode of ['report', 'off'] as const) {
      assert.throws(() => parsePolicy(policyWith({ mode, strictAudiences })), {
        code: 'policy_malformed',
      });
    }
  });

  it('are refused when they are no list of different texts', () => {
    for (const bad of ['https://vault.example', [''], [7], ['a', 'a'], [null], {}]) {
      assert.throws(() => parsePolicy(policyWith({ strictAudiences: bad as string[] })), {
        code: 'policy_malformed',
      });
    }
  });
});
