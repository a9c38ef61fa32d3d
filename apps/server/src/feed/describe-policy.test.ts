import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Directory } from '@countersign/directory';
import { keySchedule } from '@countersign/keys';
import { describePolicy, type PolicyParts } from './describe-policy.ts';

const baseUrl = 'https://id.example';

function partsOf(keyMaxAgeSeconds: number): PolicyParts {
  const find = async (name: string) => (name === 'acme' ? { name } : undefined);
  const keys = { receiptKey: 'receipt', checkpointKey: 'checkpoint', feedKey: 'feed' };
  const log = { origin: 'id.example/log', url: `${baseUrl}/log`, keys };
  const directory = { tenants: { find } } as unknown as Pick<Directory, 'tenants'>;
  return { baseUrl, keyMaxAgeSeconds, logs: [log] as unknown as PolicyParts['logs'], directory };
}

test('C-01 the policy refuses keys beyond the age that this house allows them', async () => {
  for (const profile of ['nist-draft', 'csrb'] as const) {
    const { maxAgeSeconds } = keySchedule(profile);
    const policy = await describePolicy(partsOf(maxAgeSeconds), `${baseUrl}/acme/partner`);
    // And two minutes, for clocks that differ.
    assert.equal(policy.issuers[0]?.keyMaxAgeSeconds, maxAgeSeconds + 120);
  }
});

test('there is no policy for an issuer that is none of ours', async () => {
  for (const issuer of [
    'https://id.example/globex/partner',
    'https://other.example/acme/partner',
  ]) {
    await assert.rejects(describePolicy(partsOf(60), issuer), { code: 'not_found' });
  }
});
