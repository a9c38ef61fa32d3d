import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, test } from 'node:test';
import { Reconciliation } from '../reconcile.ts';
import { readOwnEvent, withHashes } from './read-own-event.ts';

const NOW = 1_795_289_400_000;
const jtiHash = hash('sha256', 'token-1', 'hex');

function own(event: string, more: Record<string, unknown> = {}, timeMs = NOW) {
  const { unmapped, ...rest } = more;
  return {
    metadata: { uid: `${event} ${timeMs}`, tenant_uid: 'acme' },
    time: timeMs,
    status_id: 1,
    unmapped: { countersign: { event, jti_hash: jtiHash, kid: 'k-1', ...(unmapped as object) } },
    ...rest,
  };
}

describe('an exported event of our own', () => {
  test('of a token issued, verified and revoked joins by its hashes', () => {
    const sub = { unmapped: { sub: 'p-1', client_id: 'mail' }, session: { uid: 's-1' } };
    const issued = readOwnEvent(own('token.issued', sub));
    assert.deepEqual(issued?.facts, {
      kind: 'token',
      outcome: 'success',
      tokens: [`jtiHash:${jtiHash}`],
      sessions: ['sid:s-1'],
      persons: ['sub:p-1'],
      client: 'mail',
      tenant: 'acme',
      operation: 'token.issued',
    });
    assert.equal(issued?.kid, 'k-1');
    assert.equal(readOwnEvent(own('token.verified'))?.facts.kind, 'access');
    assert.equal(readOwnEvent(own('token.revoked', sub))?.facts.kind, 'revocation');
    // Its session lives on: other tokens of it are not ended with this one.
    assert.equal(readOwnEvent(own('token.revoked', sub))?.facts.sessions, undefined);
    assert.equal(readOwnEvent(own('key.rotated'))?.facts.kind, 'other');
  });

  test('of an access names its item, and a folder that was synchronised is not complete', () => {
    const item = { kind: 'mail', id: '<a>', in: 'ana' };
    const read = readOwnEvent(own('data.accessed', { unmapped: { item, operation: 'read' } }));
    assert.deepEqual([read?.facts.items, read?.facts.itemsComplete], [[item], true]);
    assert.equal(read?.facts.operation, 'read');
    const folder = { kind: 'folder', id: 'INBOX' };
    const synced = readOwnEvent(
      own('data.accessed', { unmapped: { item: folder, operation: 'sync' } }),
    );
    assert.equal(synced?.facts.itemsComplete, false);
    const told = { item, operation: 'read', extra: { complete: false } };
    assert.equal(
      readOwnEvent(own('data.accessed', { unmapped: told }))?.facts.itemsComplete,
      false,
    );
  });

  test('of an imported record is what was mapped, of its own source', () => {
    const activity = { kind: 'access', outcome: 'success', operation: 'MailItemsAccessed' };
    const stored = own('microsoft-365:MailItemsAccessed', {
      unmapped: { activity, source: 'microsoft-365' },
    });
    const found = readOwnEvent(stored, 'log.ndjson:3');
    assert.deepEqual(
      [found?.source, found?.at, found?.facts],
      ['microsoft-365', 'log.ndjson:3', activity],
    );
  });

  test('of a gap makes what was issued in it undecided', () => {
    const other = { unmapped: { jti_hash: hash('sha256', 'other', 'hex') } };
    const hole = {
      unmapped: {
        jti_hash: undefined,
        reason: 'dropped',
        extra: { firstMs: NOW - 1000, lastMs: NOW },
      },
    };
    const judge = (gap: Record<string, unknown>[]) => {
      const run = new Reconciliation();
      const days = [-3, 3].map((day) => own('session.started', {}, NOW + day * 86_400_000));
      for (const each of [...days, own('token.issued', other, NOW - 5000), ...gap]) {
        const activity = readOwnEvent(each);
        assert.ok(activity);
        run.addIssued(activity);
      }
      const use = readOwnEvent(own('token.verified'));
      assert.ok(use);
      return run.addUsed(use)?.outcome;
    };
    assert.equal(judge([]), 'unissued');
    assert.equal(judge([own('log.gap', hole)]), 'undecided');
  });

  test('is nothing else: a foreign record, an event without a uid or a time', () => {
    for (const each of [
      {},
      { time: 1 },
      { metadata: { uid: 'x' }, time: 1 },
      { unmapped: { countersign: 1 } },
    ])
      assert.equal(readOwnEvent(each), undefined);
  });
});

test('a jti in a resource’s log meets the hash in ours', () => {
  const use = withHashes({
    ...{ at: 'x', source: 'ecs', key: 'x', timeMs: NOW },
    facts: { kind: 'access', outcome: 'success', operation: 'GET', tokens: ['jti:token-1'] },
  });
  assert.deepEqual(use.facts.tokens, ['jti:token-1', `jtiHash:${jtiHash}`]);
});
