// Anchors of audit trails in the log: announced ones are ours, others in our name a finding.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { encodeAnchorLeaf, encodeHex, hashInstance, hashLeaf } from '@countersign/verifier';
import { closeHouses, GRACE_MS, TestHouse } from '../testing/open-house.ts';

afterEach(closeHouses);

function anchorLeaf(
  house: TestHouse,
  anchor: number,
  instance = house.anchors.instance,
): Uint8Array {
  return encodeAnchorLeaf({
    atMs: house.clock.nowMs(),
    instanceHash: hashInstance(instance),
    anchor,
    root: new Uint8Array(32).fill(anchor),
  });
}

describe('an anchor of audit trails in the log', () => {
  it('that was announced raises nothing, between tokens and across a restart', async () => {
    const house = await TestHouse.open();
    await house.issue();
    for (let anchor = 1; anchor <= 3; anchor += 1) {
      const leaf = anchorLeaf(house, anchor);
      house.anchors.hashes.add(encodeHex(hashLeaf(leaf)));
      house.append(leaf);
      await house.issue();
    }
    await house.pass(2 * GRACE_MS);
    const late = anchorLeaf(house, 4);
    house.anchors.hashes.add(encodeHex(hashLeaf(late)));
    house.append(late);
    await house.restart();
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  it('of another installation raises nothing', async () => {
    const house = await TestHouse.open();
    house.append(anchorLeaf(house, 1, 'another house'));
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  it('in our name that nobody announced is a proven, critical finding, and no token’s', async () => {
    const house = await TestHouse.open();
    await house.issue();
    const { index, leafHash } = house.append(anchorLeaf(house, 7));
    house.append(anchorLeaf(house, 8));
    await house.pass(2 * GRACE_MS);
    const found = house.told.map((finding) => [finding.class, finding.reason, finding.count]);
    assert.deepEqual(found, [['counterfeit', 'anchor_logged_but_not_ours', 2]]);
    const [finding] = house.told;
    assert.deepEqual(
      [finding?.severity, finding?.proven, finding?.logIndex],
      ['critical', true, index],
    );
    // Not a submission credential: with one, nobody can log an anchor.
    assert.match(
      finding?.message ?? '',
      /older copy of the store was put back.*speak to the notary/,
    );
    assert.ok(!(await house.eventNames()).includes('token.unissued'));
    const [facts] = await house.extensions('audit.differs');
    const { extra } = Object(facts);
    assert.deepEqual(
      [extra.leafHash, extra.anchor, extra.anchoredMs],
      [leafHash, 7, house.clock.nowMs() - 2 * GRACE_MS],
    );
  });

  it('has no excuse of a crash: announcing is durable', async () => {
    const house = await TestHouse.open();
    house.append(anchorLeaf(house, 7));
    await house.restart();
    assert.deepEqual(
      house.told.map((finding) => finding.class),
      ['counterfeit'],
    );
  });
});
