import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { LOCK_DESCRIPTOR } from '@countersign/pipe';
import { encodeLeafEntry, parseVerifierKey, verifyNote } from '@countersign/verifier';
import { readArguments } from './read-arguments.ts';
import { refuseUnconfined } from './refuse-unconfined.ts';
import { NotaryHome, type RunningNotary } from './testing/notary-home.ts';

const homes: NotaryHome[] = [];
const newHome = (): NotaryHome => {
  const home = new NotaryHome();
  homes.push(home);
  return home;
};
after(() => {
  for (const home of homes) home.delete();
});

async function exitOf({ child }: RunningNotary): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}

function entry(): Uint8Array {
  const issuedMs = Date.now();
  const commitment = new Uint8Array(32).fill(1);
  return encodeLeafEntry({ type: 'id', issuedMs, expiresAtSeconds: 0, commitment });
}

describe('the notary process', () => {
  it('logs for its parent, leaves when the pipe ends, and knows its log again', async () => {
    const home = newHome();
    const first = home.start();
    const keys = await first.notary.keys();
    await first.notary.append(entry());
    await first.stop();
    assert.equal(first.child.exitCode, 0);
    assert.deepEqual(first.lines, []);
    const second = home.start([]);
    assert.deepEqual(await second.notary.keys(), keys);
    assert.equal((await second.notary.size()).publishedSize, 1);
    await second.stop();
  });

  it('signs its checkpoints in two ways, confined as it is', async () => {
    const { notary, stop } = newHome().start();
    const keys = await notary.keys();
    const { note } = (await notary.nextHead(0)) ?? assert.fail();
    const both = [keys.checkpointKey, keys.checkpointMlDsa44Key ?? assert.fail()];
    const { verified } = await verifyNote(note, both.map(parseVerifierKey));
    assert.equal(verified.length, 2);
    await stop();
  });

  it('says which witness it falls behind, leaves, and does not come back', async () => {
    const home = newHome();
    const first = home.start();
    await first.notary.append(entry());
    await first.stop();
    const backup = newHome();
    cpSync(home.folder, backup.folder, { recursive: true });
    const second = home.start([]);
    await second.notary.append(entry());
    await second.stop();
    const third = home.start([]);
    const { note } = (await third.notary.nextHead(0)) ?? assert.fail();
    await third.stop();

    const restored = backup.start([]);
    await assert.rejects(restored.notary.checkWitnessed(note), { code: 'rollback' });
    assert.equal(await exitOf(restored), 1);
    assert.match(restored.lines.join(), /stopped\. rollback: A witness holds a checkpoint of 2/);
    const again = backup.start([]);
    assert.equal(await exitOf(again), 1);
    assert.match(again.lines.join(), /did not start\. rollback/);
  });

  it('publishes by itself', async () => {
    const { notary, stop } = newHome().start();
    await notary.append(entry());
    const startMs = performance.now();
    while ((await notary.size()).publishedSize < 1) {
      assert.ok(performance.now() - startMs < 60_000, 'waited in vain');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await stop();
  });

  it('keeps secrets out of what it writes and says', async () => {
    const home = newHome();
    const running = home.start();
    await running.notary.ready();
    const command = readFileSync(`/proc/${running.child.pid}/cmdline`, 'latin1');
    const environment = readFileSync(`/proc/${running.child.pid}/environ`, 'latin1');
    for (const text of [command, environment]) assert.doesNotMatch(text, /horse/);
    await running.stop();
    const wrong = newHome();
    wrong.writePassphrase('short');
    const refused = wrong.start();
    assert.equal(await exitOf(refused), 1);
    assert.match(refused.lines.join(), /key_unreadable/);
    assert.doesNotMatch(refused.lines.join(), /short\b/);
  });

  it('does not start on a lost folder, with another passphrase, or beside another writer', async () => {
    const home = newHome();
    const lost = home.start([]);
    assert.equal(await exitOf(lost), 1);
    assert.match(lost.lines.join(), /log_missing/);

    const running = home.start();
    await running.notary.ready();
    const second = home.start();
    assert.equal(await exitOf(second), 1);
    assert.match(second.lines.join(), /log_locked/);
    await running.stop();

    home.writePassphrase('another passphrase altogether');
    const stranger = home.start();
    assert.equal(await exitOf(stranger), 1);
    assert.match(stranger.lines.join(), /key_unreadable/);
  });

  it('holds the kernel to its folder and does without SQLite, which opens any file', async () => {
    const home = newHome();
    const running = home.start();
    await running.notary.ready();
    const { pid } = running.child;
    assert.equal(readlinkSync(`/proc/${pid}/fd/${LOCK_DESCRIPTOR}`), join(home.folder, 'lock'));
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    assert.ok(command.includes('--no-experimental-sqlite'));
    const lock = new RegExp(`FLOCK .*:${statSync(join(home.folder, 'lock')).ino} `);
    assert.match(readFileSync('/proc/locks', 'latin1'), lock);
    running.child.kill('SIGKILL');
    await exitOf(running);
    assert.doesNotMatch(readFileSync('/proc/locks', 'latin1'), lock);
  });

  it('waits for a predecessor that is about to leave', async () => {
    const home = newHome();
    const first = home.start();
    await first.notary.ready();
    const second = home.start([]);
    await first.stop();
    await second.notary.ready();
    await second.stop();
  });

  it('outlives Ctrl-C, and closes its log on SIGTERM', async () => {
    const running = newHome().start();
    await running.notary.append(entry());
    running.child.kill('SIGINT');
    await running.notary.append(entry());
    running.child.kill('SIGTERM');
    assert.equal(await exitOf(running), 0);
  });

  it('runs only where Node confines it', () => {
    const main = join(import.meta.dirname, 'main.ts');
    const { status, stderr } = spawnSync(process.execPath, [main], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /--permission/);
    assert.doesNotMatch(stderr, /at file:/);
    const help = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--passphrase-fd/);
  });

  it('is refused any permission beyond its own folder', () => {
    refuseUnconfined({ has: () => false });
    for (const scope of ['net', 'child', 'worker', 'addon', 'inspector', 'fs.write']) {
      assert.throws(() => refuseUnconfined({ has: (asked) => asked === scope }));
    }
    assert.throws(() => refuseUnconfined(undefined), /--permission/);
  });
});

describe('its command line', () => {
  it('names folder, origin and descriptor', () => {
    const args = ['--folder', '/data', '--origin', 'a/log', '--passphrase-fd', '3'];
    const expected = {
      folder: '/data',
      origin: 'a/log',
      passphraseFd: 3,
      cosignedWaitMs: 0,
      make: false,
    };
    assert.deepEqual(readArguments(args), expected);
    assert.deepEqual(readArguments([...args, '--make']), { ...expected, make: true });
    const patient = { ...expected, cosignedWaitMs: 800 };
    assert.deepEqual(readArguments([...args, '--cosigned-wait-ms', '800']), patient);
  });

  it('is refused when anything is missing, wrong or unknown', () => {
    const wrong = [
      [],
      ['--folder', '/data', '--passphrase-fd', '3'],
      ['--folder', '/data', '--origin', 'a/log'],
      ['--folder', '/data', '--origin', 'a/log', '--passphrase-fd', '1'],
      ['--folder', '/data', '--origin', 'a/log', '--passphrase-fd', 'x'],
      ['--folder', '/data', '--origin', 'a/log', '--passphrase-fd', '3', '--passphrase', 'p'],
      ...['-1', '5001', '1.5', 'soon'].map((wait) => [
        ...['--folder', '/data', '--origin', 'a/log', '--passphrase-fd', '3'],
        ...['--cosigned-wait-ms', wait],
      ]),
    ];
    for (const args of wrong) assert.throws(() => readArguments(args));
  });
});
