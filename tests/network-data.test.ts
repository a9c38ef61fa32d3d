// The network data that is committed is what the pinned packages say: each file that it was made from has
// the digest in its header, and rows spread over all of them are found again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeNetworks, parseAddress, SHIPPED_NETWORK_DATA } from '@countersign/context';
import { digestOf, folderOf } from '../tools/network-data/read-packages.ts';
import { readRow } from '../tools/network-data/read-row.ts';

const EVERY = 499;

describe('the committed network data', () => {
  const table = decodeNetworks(readFileSync(SHIPPED_NETWORK_DATA));

  test('was made from the packages that are pinned', () => {
    for (const { package: name, version, files } of table.sources) {
      const folder = folderOf(name);
      const pinned = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
      assert.equal('version' in pinned && pinned.version, version, name);
      for (const file of files) assert.equal(digestOf(join(folder, file.name)), file.sha256);
    }
    assert.equal(table.sources.flatMap(({ files }) => files).length, 4);
  });

  test('finds rows of every file again', () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const { package: name, files } of table.sources) {
      for (const file of files) {
        const lines = readFileSync(join(folderOf(name), file.name), 'utf8').split('\n');
        for (let place = 0; place < lines.length; place += EVERY) {
          const row = readRow(lines[place] ?? '');
          if (row === undefined) continue;
          asked += 1;
          const address = parseAddress(row.start);
          const found = address === undefined ? undefined : table.find(address);
          const said = name.endsWith('/asn') ? String(found?.asn) : found?.country;
          if (said !== row.value) wrong.push(`${row.start} is ${row.value}, not ${said}`);
        }
      }
    }
    assert.ok(asked > 2000);
    // Within one IPv6 /64 the first range speaks for all of it: a few rows in a thousand are told by another.
    assert.ok(wrong.length < asked / 100, wrong.slice(0, 5).join('\n'));
    assert.ok(
      wrong.every((line) => line.includes(':')),
      wrong.find((line) => !line.includes(':')) ?? '',
    );
  });
});
