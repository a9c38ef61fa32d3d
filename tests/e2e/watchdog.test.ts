// The watchdog beside a real house: it says nothing while all is well and keys turn over, and speaks when
// the server stands still, dies, or says something else than its log. C-01 and C-02.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from '../../apps/cli/src/testing/run-cli.ts';
import { type House, runHouse } from './run-house.ts';

const EVERY_MS = 500;
const PATIENCE_MS = 40_000;

interface Line {
  code: string;
  phase: string;
  kid?: string;
}

describe('the watchdog of a house', () => {
  let house: House;
  let home: string;
  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'countersign-watch-'));
    house = await runHouse({
      environment: {
        COUNTERSIGN_WATCHDOG_EVERY_SECONDS: String(EVERY_MS / 1000),
        // So that keys can be turned over as soon as they are shown.
        COUNTERSIGN_KEY_SCHEDULE: 'lead=1',
      },
    });
    for (const population of ['workforce', 'customer'])
      await fetch(`${house.url}/acme/${population}/jwks`);
  });
  after(async () => {
    await house.remove();
    rmSync(home, { recursive: true, force: true });
  });

  const alarms = (): Line[] => {
    const file = join(house.data, 'watchdog/alarms.ndjson');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Line);
  };
  const told = (): string[] => alarms().map(({ code, phase }) => `${code} ${phase}`);
  const untilTold = async (what: string): Promise<void> => {
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (!told().includes(what)) {
      if (performance.now() > deadlineMs) throw new Error(`never: ${what}; told: ${told()}`);
      await sleep(50);
    }
  };
  const watchdogs = (): string[] =>
    readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return line.includes('apps/watchdog/src/main.ts') && line.includes(house.data);
      } catch {
        return false;
      }
    });
  const recorded = async (name: string): Promise<string[]> => {
    const { events } = (await house.operate(`/events?name=${name}&limit=100`)) as {
      events: { ocsf: unknown }[];
    };
    return events.map((event) => JSON.stringify(event));
  };
  const watchOnce = (issuer: string) =>
    runCli(
      [
        ...['keys', 'watch', '--server', house.url, '--issuer', issuer],
        ...['--once', '--json', '--state', mkdtempSync(join(home, 'state-'))],
      ],
      { workingFolder: home },
    );

  it('says nothing while keys turn over and nothing is wrong', async () => {
    const issuer = `${house.url}/acme/workforce`;
    for (let turn = 0; turn < 2; turn += 1) {
      await sleep(3000);
      await house.operate('/keys/rotate', { issuer, alg: 'ES256', reason: 'a test' });
    }
    await sleep(20 * EVERY_MS);
    assert.deepEqual(told(), []);
    assert.equal(watchdogs().length, 1);
  });

  it('agrees with one that anybody runs elsewhere, without a credential', async () => {
    const run = await watchOnce(`${house.url}/acme/workforce`);
    assert.equal(run.exitCode, 0, run.out + run.err);
    const { ok, keys, conditions } = run.json();
    assert.deepEqual({ ok, conditions }, { ok: true, conditions: [] });
    assert.ok((keys as number) >= 2);
    const nobody = await watchOnce(`${house.url}/acme/nobody`);
    assert.equal(nobody.exitCode, 1);
  });

  it('C-02 alarms although the rotator is dead: its whole server stands still', async () => {
    house.process.kill('SIGSTOP');
    await untilTold('server_silent raised');
    house.process.kill('SIGCONT');
    await untilTold('server_silent ended');
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (
      !(await recorded('key.rotator_silent')).some((event) => event.includes('server_silent'))
    ) {
      assert.ok(performance.now() < deadlineMs, 'the alarm is not on record');
      await sleep(100);
    }
    assert.equal((await recorded('key.rotator_silent')).length, 1);
  });

  it('is started anew when it is killed, and remembers what it told', async () => {
    const [pid] = watchdogs();
    const before = told();
    process.kill(Number(pid), 'SIGKILL');
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (watchdogs().length === 0 || watchdogs()[0] === pid) {
      assert.ok(performance.now() < deadlineMs, 'it was not started anew');
      await sleep(50);
    }
    await sleep(10 * EVERY_MS);
    assert.deepEqual(told(), before);
  });

  it('C-02 says that the server is gone when it is killed, and ends with it', async () => {
    await house.kill();
    await untilTold('server_gone raised');
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (watchdogs().length > 0) {
      assert.ok(performance.now() < deadlineMs, 'it outlives its house');
      await sleep(50);
    }
    const away = await watchOnce(`${house.url}/acme/workforce`);
    assert.equal(away.exitCode, 1);
  });

  it('has its last alarm on record as soon as there is a server again', async () => {
    await house.start();
    await untilTold('server_gone ended');
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (!(await recorded('key.rotator_silent')).some((event) => event.includes('server_gone'))) {
      assert.ok(performance.now() < deadlineMs, 'the last alarm is not on record');
      await sleep(100);
    }
  });

  it('alarms when the signer stands still, whose word everything rests on', async () => {
    const signer = house.childPid('signer') ?? 0;
    process.kill(signer, 'SIGSTOP');
    const before = told().filter((line) => line === 'server_silent raised').length;
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (told().filter((line) => line === 'server_silent raised').length === before) {
      assert.ok(performance.now() < deadlineMs, 'no alarm');
      await sleep(50);
    }
    process.kill(signer, 'SIGCONT');
  });

  it('says nothing when the server is stopped in good order, and is gone', async () => {
    await untilQuiet();
    const before = told();
    await house.stop();
    assert.deepEqual(watchdogs(), []);
    assert.deepEqual(told(), before);
  });

  async function untilQuiet(): Promise<void> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const open = new Set<string>();
      for (const { code, phase, kid = '' } of alarms()) {
        if (phase === 'ended') open.delete(`${code} ${kid}`);
        else open.add(`${code} ${kid}`);
      }
      if (open.size === 0) return;
      assert.ok(performance.now() < deadlineMs, `still: ${[...open]}`);
      await sleep(100);
    }
  }
});
