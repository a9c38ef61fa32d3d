import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import { LogStandIn } from './testing/log-stand-in.ts';
import { NOW_MS, openTurns, type Turns } from './testing/open-turns.ts';
import { type OfficeStandIn, officeService } from './testing/services.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECRET = { tenantId: 'harbour', clientId: 'app', clientSecret: 'right' };
const FEEDS = ['Audit.Exchange', 'Audit.SharePoint'];

let standIn: LogStandIn;
let office: OfficeStandIn;
let turns: Turns;

const addBlob = (id: string, createdMs: number, contentType = 'Audit.Exchange') =>
  office.blobs.push({ id, contentType, createdMs, records: [{ id: `${id}a` }, { id: `${id}b` }] });
const wanted = () => office.blobs.flatMap(({ id }) => [`${id}a`, `${id}b`]).toSorted();

beforeEach(async () => {
  standIn = await LogStandIn.open();
  office = officeService(() => standIn.base, 'harbour');
  standIn.add(office.route);
  turns = await openTurns(
    { kind: 'office-365', url: standIn.base, tokenUrl: standIn.tokenUrl, feeds: FEEDS },
    SECRET,
  );
  for (let at = 0; at < 5; at += 1) addBlob(`b${at}`, NOW_MS - 30 * HOUR_MS + at * HOUR_MS);
  addBlob('s0', NOW_MS - HOUR_MS, 'Audit.SharePoint');
});
afterEach(async () => {
  await turns.close();
  await standIn.close();
});

describe('the Management Activity API', () => {
  it('is subscribed to, and all blobs of all pages and days come', async () => {
    assert.equal((await turns.turn()).error, undefined);
    assert.deepEqual([...office.enabled], FEEDS);
    assert.deepEqual(turns.came.toSorted(), wanted());
    assert.deepEqual(turns.gaps, []);
  });

  it('is not asked twice for a blob that the overlap lists again', async () => {
    await turns.turn();
    turns.clock.advanceMs(HOUR_MS);
    addBlob('b9', NOW_MS - 1000);
    await turns.turn();
    assert.deepEqual(turns.came.toSorted(), wanted());
    assert.equal(new Set(office.fetched).size, office.fetched.length);
  });

  it('goes on after a crash between two blobs, and loses none', async () => {
    let blobs = 0;
    turns.onRecord = () => {
      blobs += 1;
      if (blobs === 2) throw new Error('killed');
    };
    await turns.turn();
    turns.onRecord = () => undefined;
    turns.clock.advanceMs(60_000);
    await turns.turn('the next run');
    assert.deepEqual([...new Set(turns.came)].toSorted(), wanted());
  });

  it('is switched on again when somebody switched a feed off, which is a gap', async () => {
    await turns.turn();
    office.enabled.delete('Audit.Exchange');
    turns.clock.advanceMs(60_000);
    assert.equal((await turns.turn()).error, undefined);
    assert.ok(office.enabled.has('Audit.Exchange'));
    assert.deepEqual(turns.gaps, [{ reason: 'source_disabled', count: 1 }]);
  });

  it('tells what expired before it could be fetched, and fetches the rest', async () => {
    office.expired.add('b1');
    assert.equal((await turns.turn()).error, undefined);
    assert.deepEqual(turns.gaps, [{ reason: 'dropped', count: 1 }]);
    assert.deepEqual(
      turns.came.toSorted(),
      wanted().filter((id) => !id.startsWith('b1')),
    );
  });

  it('tells what it no longer keeps when nobody came for longer than a week', async () => {
    await turns.turn();
    turns.clock.advanceMs(9 * DAY_MS);
    assert.equal((await turns.turn()).error, undefined);
    assert.equal(turns.gaps[0]?.reason, 'dropped');
    assert.equal(turns.gaps[0]?.firstMs, NOW_MS);
    assert.equal(turns.gaps.length, 1);
  });

  it('throttles with a 403 of its own code too', async () => {
    standIn.failNext({ status: 403, body: { error: { code: 'AF429' } } });
    const { error } = await turns.turn();
    assert.equal(isCodedError(error) && error.code, 'source_throttled');
  });
});
