import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readSettings } from './read-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-settings-'));
after(() => rmSync(folder, { recursive: true }));

function withFile(text: string, environment: NodeJS.ProcessEnv = {}) {
  const path = join(folder, 'countersign.yaml');
  writeFileSync(path, text);
  return readSettings({ ...environment, COUNTERSIGN_CONFIG: path }, folder);
}

const refusal = (message: RegExp) => ({ code: 'bad_setting', message });

describe('settings', () => {
  it('have defaults that run on this machine only', () => {
    const settings = readSettings({}, '/nowhere');
    assert.equal(settings.url, 'http://localhost:4600');
    assert.equal(settings.data, '/nowhere/.countersign');
    assert.deepEqual(settings.listen, { host: '127.0.0.1', port: 4600 });
    assert.equal(settings.seed, true);
  });

  it('come from the file, and the environment wins', () => {
    const text = 'url: https://id.example\ndata: here\nlisten: { port: 8080 }\nseed: false\n';
    const fromFile = withFile(text);
    assert.equal(fromFile.url, 'https://id.example');
    assert.equal(fromFile.data, join(folder, 'here'));
    assert.equal(fromFile.listen.port, 8080);
    assert.equal(fromFile.seed, false);
    assert.equal(
      withFile(text, { COUNTERSIGN_URL: 'https://other.example/' }).url,
      'https://other.example',
    );
  });

  it('listen on the port of an https url when nothing else is said', () => {
    assert.equal(withFile('url: https://id.example\n').listen.port, 443);
  });

  it('stop the start at an unknown key, with its line', () => {
    assert.throws(
      () => withFile('url: http://localhost:1\nport: 3\n'),
      refusal(/countersign\.yaml:2: port/),
    );
    assert.throws(() => withFile('listen:\n  prot: 3\n'), refusal(/:2: listen\.prot/));
  });

  it('stop the start at a bad value or bad YAML, with its line', () => {
    assert.throws(() => withFile('data: here\nseed: perhaps\n'), refusal(/:2: seed/));
    assert.throws(() => withFile('url: a\nurl: b\n'), refusal(/:2: /));
    assert.throws(() => withFile('url: [\n'), refusal(/countersign\.yaml:\d/));
  });

  it('stop the start at the address of a signer that is none, with its line', () => {
    const address = refusal(/countersign\.yaml:2: secondSigner: neither "local" nor tls:/);
    assert.throws(() => withFile('data: here\nsecondSigner: nearby\n'), address);
    const named = withFile('secondSigner: local\n', { COUNTERSIGN_SIGNER: 'local' }).signers;
    assert.deepEqual(named, { first: { kind: 'local' }, second: { kind: 'local' } });
  });

  it('refuse a url that issuers could not carry', () => {
    for (const url of [
      'ftp://a',
      'https://a/path',
      'https://a?x=1',
      'https://u@a',
      'http://id.example',
      'nonsense',
    ]) {
      assert.throws(() => readSettings({ COUNTERSIGN_URL: url }, '/'), refusal(/^url: /), url);
    }
  });

  it('refuse an unknown or not yet supported variable', () => {
    assert.throws(
      () => readSettings({ COUNTERSIGN_DATE: 'x' }, '/'),
      refusal(/COUNTERSIGN_DATE: no such setting/),
    );
    assert.throws(
      () => readSettings({ COUNTERSIGN_DATABASE_URL: 'x' }, '/'),
      refusal(/embedded store/),
    );
  });

  it('refuse a named file that is not there', () => {
    assert.throws(
      () => readSettings({ COUNTERSIGN_CONFIG: 'missing.yaml' }, folder),
      refusal(/there is no file/),
    );
  });
});
