import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventCatalogue } from '../catalogue/event-catalogue.ts';
import { OcsfSchema, ocsfSchemaIsHere } from '../testing/ocsf-schema.ts';
import { addIntegrity, describeErased } from './add-integrity.ts';
import { mapEvent } from './map-event.ts';

const product = { name: 'countersign', version: '0.1.0' };
const stamp = { uid: '01a0c4de-8f5e-7a21-9b1c-5f1d2c3b4a59', loggedMs: 5, product };
const integrity = { number: 7, leaf: 'a'.repeat(64), head: 'b'.repeat(64) };
const erased = describeErased(
  { uid: stamp.uid, timeMs: 1, name: 'session.started', tenant: 'acme', product },
  integrity,
  9,
);

describe('the place of an event in its chain', () => {
  test('is added when it is read, beside all that was recorded', () => {
    const stored = JSON.parse(mapEvent(eventCatalogue['session.started'].example, stamp).json);
    const before = structuredClone(stored);
    const read = addIntegrity(stored, integrity, 9) as {
      metadata: Record<string, unknown>;
      unmapped: { countersign: Record<string, unknown> };
    };
    assert.deepEqual(stored, before);
    const { countersign } = read.unmapped;
    assert.deepEqual(countersign['integrity'], integrity);
    delete countersign['integrity'];
    delete read.metadata['sequence'];
    assert.deepEqual(read, before);
  });

  test('is what is left of an event that was erased', () => {
    const { countersign } = erased['unmapped'] as { countersign: Record<string, unknown> };
    assert.deepEqual(countersign['integrity'], { ...integrity, erased: true });
    assert.equal((erased['metadata'] as { event_code: string }).event_code, 'session.started');
  });

  test('leaves valid OCSF', { skip: !ocsfSchemaIsHere && process.env['CI'] !== 'true' }, () => {
    const schema = new OcsfSchema();
    const stored = JSON.parse(mapEvent(eventCatalogue['token.issued'].example, stamp).json);
    assert.deepEqual(schema.problems(addIntegrity(stored, integrity, 9) as never), []);
    assert.deepEqual(schema.problems(erased as never), []);
  });
});
