import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { openStore } from '@countersign/storage';
import {
  CodedError,
  type CountersignEvent,
  ManualClock,
  systemRandom,
} from '@countersign/vocabulary';
import { PRODUCT } from '../product.ts';
import { createAlarmRecorder } from './record-alarms.ts';

let folder: string;
let events: CountersignEvent[];
let isFull: boolean;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-alarms-'));
  events = [];
  isFull = false;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const recorder = () =>
  createAlarmRecorder({
    folder,
    audit: {
      record: async (given) => {
        if (isFull) throw new CodedError('storage_full', 'No room.');
        events.push(...given);
        return [];
      },
    },
    log: { error: () => {}, info: () => {} },
  });
const write = (text: string): void => appendFileSync(join(folder, 'alarms.ndjson'), text);
const alarm = (code: string, phase = 'raised', more: object = {}): string =>
  `${JSON.stringify({
    ...{ format: 'countersign/watchdog-alarm/v1', atMs: 7, phase, code, severity: 'high' },
    ...{ message: 'It is so.', facts: { count: 3 }, sinceMs: 5, house: 'https://id.example' },
    ...more,
  })}\n`;
const names = (): string[] => events.map(({ name, reason }) => `${name} ${reason}`);

describe('alarms of the watchdog', () => {
  it('are on record by what they are about, once, and not when they are over', async () => {
    const record = recorder();
    await record();
    write(alarm('key_old', 'raised', { issuer: 'https://id.example/acme/workforce', kid: 'k' }));
    write(alarm('server_gone') + alarm('jwks_unknown_key', 'repeated') + alarm('key_old', 'ended'));
    await record();
    await record();
    assert.deepEqual(names(), [
      'key.age_alarm key_old',
      'key.rotator_silent server_gone',
      'key.disagreement jwks_unknown_key',
    ]);
    assert.equal(events[0]?.token?.kid, 'k');
    assert.deepEqual(events[0]?.extra, { count: 3, phase: 'raised', sinceMs: 5 });
  });

  it('that were written while no server ran are on record when there is one again', async () => {
    write(alarm('key_old'));
    await recorder()();
    write(alarm('server_gone'));
    await recorder()();
    assert.deepEqual(names(), ['key.age_alarm key_old', 'key.rotator_silent server_gone']);
  });

  it('wait for a store that is full', async () => {
    write(alarm('key_old'));
    isFull = true;
    const record = recorder();
    await assert.rejects(record(), { code: 'storage_full' });
    isFull = false;
    await record();
    assert.deepEqual(names(), ['key.age_alarm key_old']);
  });

  it('are read as far as they are whole, and what is none is passed over', async () => {
    const record = recorder();
    write(`no alarm\n{"format":"other"}\n${alarm('key_old')}{"format":"countersign/wat`);
    await record();
    assert.deepEqual(names(), ['key.age_alarm key_old']);
    write(`\n${alarm('server_silent')}`);
    await record();
    assert.equal(events.length, 2);
  });

  it('go on when somebody put the file away, or the place in it is lost', async () => {
    const record = recorder();
    write(alarm('key_old') + alarm('server_gone'));
    await record();
    writeFileSync(join(folder, 'alarms.ndjson'), alarm('rotator_silent'));
    await record();
    assert.equal(names().at(-1), 'key.rotator_silent rotator_silent');
    assert.match(readFileSync(join(folder, 'recorded'), 'utf8'), /^\d+$/);
    writeFileSync(join(folder, 'recorded'), 'rubbish');
    await recorder()();
    assert.equal(events.length, 4);
  });

  it('are not recorded anew because the place in the file cannot be read', async () => {
    mkdirSync(join(folder, 'recorded'));
    write(alarm('server_gone'));
    await assert.rejects(recorder()(), { code: 'EISDIR' });
    assert.deepEqual(names(), []);
  });

  it('are events that the record takes as they are', async () => {
    const clock = new ManualClock();
    const store = await openStore<AuditTables>({
      memory: true,
      migrations: auditMigrations,
      clock,
    });
    const audit = createAudit({ store, clock, random: systemRandom, product: PRODUCT });
    const log = { error: () => {}, info: () => {} };
    const about = { issuer: 'https://id.example/acme/workforce', kid: 'k' };
    write(alarm('key_past_end', 'raised', about) + alarm('rotator_failing') + alarm('log_unread'));
    await createAlarmRecorder({ folder, audit, log })();
    const stored = await audit.listEvents({ limit: 10 });
    assert.deepEqual(
      stored.map(({ name, kid }) => [name, kid]),
      [
        ['key.age_alarm', 'k'],
        ['key.rotator_silent', undefined],
        ['key.disagreement', undefined],
      ],
    );
    await store.close();
  });
});
