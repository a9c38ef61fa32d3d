import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  createNoteKey,
  decodeBase64url,
  formatVerifierKey,
  type KeyPurpose,
  parseTlogPolicy,
} from '@countersign/verifier';
import { parseWitnessPolicy, readWitnessPolicy } from './read-witness-policy.ts';

function keyText(name: string, purpose: KeyPurpose): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return formatVerifierKey(createNoteKey(name, purpose, decodeBase64url(x) as Uint8Array));
}

const [one, two] = [keyText('w.example/1', 'cosignature'), keyText('w.example/2', 'cosignature')];
const TEXT = [
  '# ours, with the number of whom to call',
  `log ${keyText('log.example/log', 'ed25519')} https://log.example/log`,
  '',
  `witness  one\t${one}  https://w.example/1/ `,
  `witness two ${two} http://localhost:8080`,
  'group both all one two',
  'quorum both',
  '',
].join('\n');

const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
after(() => rmSync(folder, { recursive: true }));

describe('the file of witnesses', () => {
  it('says who is asked where, and by which rules', () => {
    const { witnesses, rules } = parseWitnessPolicy(TEXT);
    assert.deepEqual(
      witnesses.map(({ name, url, key }) => [name, url, key.name]),
      [
        ['one', 'https://w.example/1', 'w.example/1'],
        ['two', 'http://localhost:8080', 'w.example/2'],
      ],
    );
    assert.equal(rules.quorum, 'both');
  });

  it('is handed to verifiers as a policy of the same rules, without addresses and remarks', () => {
    const { published, rules } = parseWitnessPolicy(TEXT);
    assert.equal(
      published,
      `witness one ${one}\nwitness two ${two}\ngroup both all one two\nquorum both\n`,
    );
    const parsed = parseTlogPolicy(published);
    assert.deepEqual([...parsed.groups], [...rules.groups]);
    assert.equal(parsed.quorum, rules.quorum);
  });

  it('stops the start with the name of the witness that cannot be asked', () => {
    const bad: [string, RegExp][] = [
      [`witness one ${one}\nquorum one\n`, /witness one: give the URL/],
      [`witness one ${one} nowhere\nquorum one\n`, /witness one: give the URL/],
      [`witness one ${one} http://w.example\nquorum one\n`, /neither https nor http/],
      [`witness one ${one} ftp://w.example\nquorum one\n`, /neither https nor http/],
      [`witness one ${one} https://w.example?x=1\nquorum one\n`, /more than scheme/],
      [`witness one ${one} https://u:p@w.example\nquorum one\n`, /more than scheme/],
      ['quorum none\n', /names no witness/],
    ];
    for (const [text, message] of bad) {
      assert.throws(() => parseWitnessPolicy(text), { code: 'bad_setting', message }, text);
    }
  });

  it('stops the start with the file, and with the line that is wrong', () => {
    const path = join(folder, 'witnesses');
    writeFileSync(path, `witness one ${one} https://w.example\nquorum nobody\n`);
    assert.throws(() => readWitnessPolicy(path), {
      code: 'bad_setting',
      message: /witnesses: Line 2/,
    });
    assert.throws(() => readWitnessPolicy(join(folder, 'missing')), {
      code: 'bad_setting',
      message: /cannot be read/,
    });
  });
});
