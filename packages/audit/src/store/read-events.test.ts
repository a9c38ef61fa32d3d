import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { TestHouse } from '../testing/open-house.ts';

test('the events of one token are found, its issue and its uses, by index alone', async () => {
  const house = await TestHouse.open();
  const { issued } = await house.issue();
  await house.issue();
  await house.report([house.use('one', { tokenHash: issued.tokenHash, decision: 'accepted' })]);
  const events = await house.audit.listEvents({ tokenHash: issued.tokenHash });
  assert.deepEqual(
    events.map(({ name }) => name),
    ['token.issued', 'token.verified'],
  );
  const plan = await sql<{ detail: string }>`EXPLAIN QUERY PLAN SELECT * FROM event
    WHERE ((token_hash = x'00' AND name <> 'token.issued')
      OR (name = 'token.issued' AND token_hash = x'00'
        AND log_index = (SELECT log_index FROM issued_token WHERE token_hash = x'00')))
    ORDER BY sequence LIMIT 100`.execute(house.store.read);
  const steps = plan.rows.map(({ detail }) => detail).join('\n');
  assert.match(steps, /INDEX event_token/);
  assert.match(steps, /INDEX event_issued/);
  assert.doesNotMatch(steps, /SCAN event/);
});
