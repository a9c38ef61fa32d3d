// The real server with the passphrase of its keys from systemd, or on a descriptor: the signer is killed,
// and started again with a passphrase that the server could read only once.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openKeyFile } from '@countersign/keys';
import { type House, runHouse } from '../e2e/run-house.ts';

const PASSPHRASE = 'a passphrase that came another way';

/** Kills the signer, and waits for the next. */
async function restartSigner(house: House): Promise<void> {
  const first = house.childPid('signer') ?? assert.fail('no signer');
  process.kill(first, 'SIGKILL');
  const deadlineMs = performance.now() + 60_000;
  while (house.childPid('signer') === first || house.childPid('signer') === undefined) {
    assert.ok(performance.now() < deadlineMs, 'the signer did not come back');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await house.untilReady(60_000);
}

/** Has a token issued, which takes the keys of its realm. */
async function issue(house: House): Promise<void> {
  const { clients, resource } = house.demo;
  const client = clients.find(({ secret }) => secret !== undefined) ?? assert.fail();
  const answer = await fetch(`${house.url}/${client.realm}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.secret}`)}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: resource.identifier,
    }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** Keys are sealed with it, and it is nowhere on the server's disk, nor told to anybody. */
function checkKept(house: House): void {
  const keys = join(house.data, 'signer/keys');
  const [name = assert.fail('no key was made')] = readdirSync(keys);
  assert.equal(openKeyFile(readFileSync(join(keys, name)), PASSPHRASE).record.kid.length, 43);
  assert.ok(!existsSync(join(house.data, 'secrets/key-passphrase')));
  for (const pid of [house.process.pid, house.childPid('signer'), house.childPid('notary')]) {
    for (const what of ['cmdline', 'environ']) {
      assert.ok(!readFileSync(`/proc/${pid}/${what}`, 'utf8').includes(PASSPHRASE), what);
    }
  }
  assert.ok(!house.output.join('').includes(PASSPHRASE));
}

describe('the passphrase of a server', () => {
  it('comes on a descriptor that was a pipe, and outlives the signer', async () => {
    const house = await runHouse({
      secret: `${PASSPHRASE}\n`,
      environment: { COUNTERSIGN_KEY_PASSPHRASE_FD: '3' },
    });
    try {
      await issue(house);
      await restartSigner(house);
      await issue(house);
      checkKept(house);
    } finally {
      await house.remove();
    }
  });

  it('comes as a systemd credential', async () => {
    const environment: Record<string, string> = {
      COUNTERSIGN_KEY_PASSPHRASE_CREDENTIAL: 'keys',
    };
    const house = await runHouse({
      environment,
      prepare: async (data) => {
        environment['CREDENTIALS_DIRECTORY'] = data;
        writeFileSync(join(data, 'keys'), PASSPHRASE, { mode: 0o600 });
      },
    });
    try {
      await issue(house);
      await restartSigner(house);
      await issue(house);
      checkKept(house);
    } finally {
      await house.remove();
    }
  });
});
