// The archive of a real house: its process is killed again and again, so is the server, and a file of it
// is cut. Issuing goes on, nothing is lost or there twice, and what cannot be read is told.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openArchivist } from '@countersign/archive';
import { hashEvent } from '@countersign/trail';
import * as client from 'openid-client';
import { type Registered, registerService } from './act-as-client.ts';
import { readEvents } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';
import { until } from './wait-until.ts';

const BLOWS = 4;

describe('the archive of a house', () => {
  let house: House;
  let service: Registered;
  let issued = 0;

  before(async () => {
    house = await runHouse({ environment: { COUNTERSIGN_ARCHIVE_SEAL_EVERY_SECONDS: '1' } });
    service = await registerService(house);
  });
  after(() => house.remove());

  const issue = async (): Promise<void> => {
    await client.clientCredentialsGrant(service.config);
    issued += 1;
  };
  const killArchivist = (): void => {
    const pid = house.childPid('archivist');
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  };
  const asOperator = (path: string) =>
    fetch(`${house.url}/api/v1${path}`, {
      headers: {
        authorization: `Bearer ${house.operatorToken}`,
        'countersign-reason': 'the end-to-end test',
      },
    });

  test('may touch nothing but its folder and the library it must load', async () => {
    await until('the archivist runs', () => house.childPid('archivist') !== undefined);
    const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(house.childPid('archivist'))], {
      encoding: 'utf8',
    });
    const folder = join(house.data, 'archive');
    assert.match(stdout, /--permission /);
    assert.deepEqual(stdout.match(/--allow-fs-write=\S+/g), [`--allow-fs-write=${folder}`]);
    for (const never of ['--allow-net', '--allow-child-process', '--allow-worker', '--allow-wasi'])
      assert.ok(!stdout.includes(never), never);
    assert.ok(!stdout.includes(`--allow-fs-read=${join(house.data, 'secrets')}`));
  });

  test('is the only one that has loaded the library: it is native code, which nothing binds', async () => {
    const hasDuckDb = (pid: number | undefined): boolean =>
      readFileSync(`/proc/${pid}/maps`, 'utf8').includes('duckdb');
    await until('the archivist has it', () => hasDuckDb(house.childPid('archivist')));
    assert.ok(!hasDuckDb(house.process.pid), 'the server has it too');
  });

  test('is not needed to issue, and says that it cannot answer', async () => {
    const met: Response[] = [];
    await until('a search met an archivist that is away', async () => {
      killArchivist();
      await issue();
      const answer = await asOperator('/events?tenant=acme&filter=class%3D3002');
      if (answer.status === 200) return false;
      met.push(answer);
      return true;
    });
    const [refused = assert.fail()] = met;
    const { code } = (await refused.json()) as { code: string };
    assert.deepEqual([refused.status, code], [503, 'archive_unavailable']);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    await until('it answers again', async () => {
      const answer = await asOperator('/events?tenant=acme&filter=class%3D3002');
      return answer.status === 200;
    });
  });

  test('comes through kills of its process and of the server at any moment', async () => {
    for (let blow = 0; blow < BLOWS; blow += 1) {
      await issue();
      await sleep(Math.random() * 600);
      if (blow === 2) {
        await house.kill();
        await house.start();
        await house.untilReady();
      } else killArchivist();
      await issue();
    }
    await until('all that was issued is in segments', async () => {
      const newest = readDatabase((database) =>
        Number(
          database
            .prepare("SELECT max(sequence) AS n FROM event WHERE name = 'token.issued'")
            .get()?.['n'],
        ),
      );
      return sealedThrough() >= newest;
    });
    await house.stop();
    await holdAgainstTable();
    await house.start();
    const { segments } = (await (await asOperator('/segments?tenant=acme')).json()) as {
      segments: { first: number; last: number; headBefore: string; headAfter: string }[];
    };
    for (const [at, { first, headBefore }] of segments.entries()) {
      const before = segments[at - 1];
      assert.equal(first, (before?.last ?? 0) + 1);
      if (before !== undefined) assert.equal(headBefore, before.headAfter);
    }
  });

  test('tells of a file that was cut, once, and of what it can no longer show', async () => {
    await house.stop();
    const folder = join(house.data, 'archive', 'acme');
    const [file = ''] = readdirSync(folder).sort();
    truncateSync(join(folder, file), 64);
    await house.start();
    await until('it is on record', async () => {
      const told = await readEvents(house, ['audit.differs']);
      return told.some(({ tenant }) => tenant === 'acme');
    });
    const answer = (await (await asOperator('/segments?tenant=acme')).json()) as {
      unreadable: { file: string; trouble: string }[];
    };
    assert.deepEqual(
      answer.unreadable.map(({ file: name, trouble }) => [name, trouble]),
      [[`acme/${file}`, 'damaged']],
    );
    await issue();
  });

  function readDatabase<T>(read: (database: DatabaseSync) => T): T {
    const database = new DatabaseSync(join(house.data, 'countersign.db'), { readOnly: true });
    try {
      return read(database);
    } finally {
      database.close();
    }
  }

  function sealedThrough(): number {
    const row = readDatabase((database) =>
      database.prepare('SELECT max(through_sequence) AS n FROM segment').get(),
    );
    return Number(row?.['n'] ?? 0);
  }

  /** Every event of the table is in the archive once, with its own text and salt, and every file is whole. */
  async function holdAgainstTable(): Promise<void> {
    const rows = readDatabase((database) =>
      database
        .prepare("SELECT uid, salt, ocsf FROM event WHERE tenant = 'acme' ORDER BY sequence")
        .all(),
    );
    assert.ok(rows.filter(({ ocsf }) => String(ocsf).includes('token.issued')).length >= issued);
    const archivist = await openArchivist({
      ...{ folder: join(house.data, 'archive'), database: join(house.data, 'countersign.db') },
      ...{
        instance: readFileSync(join(house.data, 'instance-id'), 'utf8').trim(),
        nowMs: Date.now,
      },
      onFatal: (error) => assert.fail(String(error)),
    });
    try {
      await archivist.catchUp(Number.MAX_SAFE_INTEGER, 10_000);
      const events = [];
      for (let from = 1; ; ) {
        const page = await archivist.readRange({ tenant: 'acme', from, limit: 1000 });
        if (page.length === 0) break;
        events.push(...page);
        from = (page.at(-1)?.number ?? from) + 1;
      }
      assert.deepEqual(
        events.map(({ number }) => number),
        rows.map((_, at) => at + 1),
      );
      for (const [at, { uid, salt, ocsf }] of rows.entries()) {
        const leaf = hashEvent(salt as Uint8Array, String(ocsf)).toString('hex');
        assert.deepEqual([events[at]?.uid, events[at]?.leaf], [uid, leaf]);
      }
      for (const file of filesOf()) assert.deepEqual(await archivist.check(file), {});
    } finally {
      await archivist.close();
    }
  }

  function filesOf(): { tenant: string; file: string }[] {
    return readDatabase((database) =>
      database.prepare('SELECT tenant, file FROM segment_file').all(),
    ) as { tenant: string; file: string }[];
  }
});
