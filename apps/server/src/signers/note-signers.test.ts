import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { PublicKeyRecord } from '@countersign/keys';
import { SignerNotes } from './note-signers.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-signer-notes-'));
const path = join(folder, 'signers.json');
after(() => rmSync(folder, { recursive: true }));

const key = (kid: string, state: string, journalled = 0): PublicKeyRecord =>
  ({
    ...{ kid, alg: 'ES256', publicJwk: { kty: 'EC' }, createdMs: 1, custody: 'software' },
    scope: { issuer: 'https://id.example/acme/workforce' },
    life: { state, sinceMs: { planned: 1 } },
    counts: { journalled, sinceStart: 0, made: 0 },
  }) as unknown as PublicKeyRecord;

describe('what is noted of signers', () => {
  it('is there after a start, without where each stands now', () => {
    const notes = new SignerNotes(folder);
    assert.equal(notes.keysOf('first'), undefined);
    const placed = { ...key('a', 'active'), signer: 'first', away: true } as const;
    notes.note('first', [placed]);
    assert.deepEqual(new SignerNotes(folder).keysOf('first'), [key('a', 'active')]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('is written when keys came or changed, and not because they signed', () => {
    const notes = new SignerNotes(folder);
    const before = statSync(path).ino;
    notes.note('first', [key('a', 'active', 7)]);
    assert.equal(statSync(path).ino, before);
    notes.note('first', [key('a', 'retiring', 7), key('b', 'active')]);
    const states = new SignerNotes(folder).keysOf('first')?.map(({ life }) => life.state);
    assert.deepEqual(states, ['retiring', 'active']);
  });

  it('stops a signer that comes without keys it had', () => {
    const notes = new SignerNotes(folder);
    const written = readFileSync(path, 'utf8');
    const changed = { code: 'signer_changed', message: /lost 1 of its keys.*another address/ };
    assert.throws(() => notes.note('first', [key('b', 'active'), key('c', 'active')]), changed);
    assert.equal(readFileSync(path, 'utf8'), written);
    notes.note('second', [key('c', 'active')]);
  });

  it('stops the start when it is damaged', () => {
    for (const damaged of ['', '{"first": [{}]}', '[]']) {
      writeFileSync(path, damaged);
      const told = { code: 'signer_changed', message: /signers\.json is damaged; restore it/ };
      assert.throws(() => new SignerNotes(folder), told);
    }
  });
});
