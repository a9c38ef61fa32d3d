import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Audit, StoredEvent } from '@countersign/audit';
import type { PublicKeyRecord } from '@countersign/keys';
import type { CountersignEvent } from '@countersign/vocabulary';
import { createKeyRecorder } from './record-new-keys.ts';

function world() {
  const keys: PublicKeyRecord[] = [];
  const recorded: CountersignEvent[] = [];
  const audit: Pick<Audit, 'record' | 'listEvents'> = {
    record: async (events) => {
      recorded.push(...events);
      return [];
    },
    listEvents: async ({ afterSequence = 0 }) =>
      recorded
        .map((event, at) => ({ sequence: at + 1, kid: event.token?.kid }) as StoredEvent)
        .filter(({ sequence }) => sequence > afterSequence),
  };
  const signer = {
    listKeys: async () => [...keys],
    status: async () => ({
      keys: keys.length,
      lastNumber: 0,
      cutAtOpen: false,
      refusals: {},
      tripped: [],
    }),
  };
  const make = (kid: string) =>
    keys.push({
      kid,
      alg: 'ES256',
      createdMs: 5,
      scope: { tenant: 'acme', population: 'partner', issuer: 'i' },
    } as PublicKeyRecord);
  return { audit, signer, recorded, make };
}

test('each key is told of once, also across a restart', async () => {
  const { audit, signer, recorded, make } = world();
  make('one');
  const recorder = createKeyRecorder(audit, signer);
  await recorder.look();
  await recorder.look();
  make('two');
  await recorder.look();
  await createKeyRecorder(audit, signer).look();
  assert.deepEqual(
    recorded.map(({ token }) => token?.kid),
    ['one', 'two'],
  );
  assert.equal(recorded[0]?.realm, 'acme/partner');
  assert.equal(recorded[0]?.timeMs, 5);
});

test('a key whose record failed is tried again', async () => {
  const { audit, signer, recorded, make } = world();
  make('one');
  let failing = true;
  const flaky = {
    ...audit,
    record: async (events: readonly CountersignEvent[]) => {
      if (failing) throw new Error('the store is full');
      return audit.record(events);
    },
  };
  const recorder = createKeyRecorder(flaky, signer);
  await assert.rejects(recorder.look(), /full/);
  failing = false;
  await recorder.look();
  assert.equal(recorded.length, 1);
});
