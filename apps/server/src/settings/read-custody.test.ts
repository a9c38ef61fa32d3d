import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readSettings } from './read-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-custody-'));
after(() => rmSync(folder, { recursive: true }));

function read(yaml: string, environment: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'countersign.yaml');
  writeFileSync(file, yaml);
  return readSettings({ ...environment, COUNTERSIGN_CONFIG: file }, '/home/countersign');
}

const TOKEN = 'custody:\n  pkcs11:\n    module: /usr/lib/token.so\n    tokenLabel: ours\n';
const KMS = 'custody:\n  awsKms:\n    region: eu-central-1\n';

describe('the settings of custody', () => {
  it('are software, with a passphrase of our own making, when nothing is said', () => {
    const { custody, keyPassphrase } = read('');
    assert.deepEqual(custody, { default: 'software' });
    assert.equal(keyPassphrase, undefined);
  });

  it('name a token and where its PIN is, and never the PIN', () => {
    const { custody } = read(`${TOKEN}    pinFile: pin\n  default: pkcs11\n`);
    assert.deepEqual(custody, {
      default: 'pkcs11',
      pkcs11: {
        module: '/usr/lib/token.so',
        tokenLabel: 'ours',
        pin: { file: '/home/countersign/pin' },
      },
    });
    const credential = read(`${TOKEN}    pinCredential: hsm-pin\n    softhsmConf: soft.conf\n`);
    assert.deepEqual(credential.custody.pkcs11?.pin, { credential: 'hsm-pin' });
    assert.equal(credential.custody.pkcs11?.softhsmConf, '/home/countersign/soft.conf');
    assert.deepEqual(read(`${TOKEN}    pinFd: 7\n`).custody.pkcs11?.pin, { fd: 7 });
  });

  it('name a region of AWS and where the credentials are', () => {
    const { custody } = read(`${KMS}    credentialsFile: /etc/aws\n  default: aws-kms\n`);
    assert.deepEqual(custody, {
      default: 'aws-kms',
      awsKms: { region: 'eu-central-1', credentials: { file: '/etc/aws' } },
    });
  });

  const wrongs: [string, string, RegExp][] = [
    ['a PIN itself', `${TOKEN}    pin: 1234\n`, /yaml:5: custody\.pkcs11\.pin: /],
    ['no source of the PIN', TOKEN, /set exactly one of pinFile, pinCredential, pinFd/],
    ['two sources', `${TOKEN}    pinFile: a\n    pinFd: 3\n`, /set exactly one/],
    ['a descriptor of ours', `${TOKEN}    pinFd: 1\n`, /yaml:5: custody\.pkcs11\.pinFd: /],
    ['a module that is not a path', TOKEN.replace('/usr', 'usr'), /yaml:3: .*absolute path/],
    ['a default that is not set up', 'custody:\n  default: pkcs11\n', /needs custody\.pkcs11/],
    ['an unknown custody', 'custody:\n  default: paper\n', /yaml:2: custody\.default: /],
    ['no credentials for AWS', KMS, /set exactly one of credentialsFile/],
    ['a region that is none', KMS.replace('eu-central-1', 'Frankfurt'), /yaml:3: .*give a region/],
    [
      'plain http to another host',
      `${KMS}    credentialsFd: 3\n    endpoint: http://kms.example\n`,
      /plain http is for loopback only/,
    ],
    [
      'a password in an address',
      `${KMS}    credentialsFd: 3\n    endpoint: https://me:secret@kms.example\n`,
      /yaml:5: .*give no name or password in it/,
    ],
  ];
  for (const [name, yaml, message] of wrongs) {
    it(`refuse ${name}, and say what to do`, () => {
      assert.throws(() => read(yaml), { code: 'bad_setting', message });
    });
  }
});

describe('the key passphrase', () => {
  it('comes as a file, a systemd credential or a descriptor', () => {
    assert.deepEqual(read('keyPassphraseFile: secret\n').keyPassphrase, {
      file: '/home/countersign/secret',
    });
    const credential = { COUNTERSIGN_KEY_PASSPHRASE_CREDENTIAL: 'keys' };
    assert.deepEqual(read('', credential).keyPassphrase, { credential: 'keys' });
    assert.deepEqual(read('keyPassphraseCredential: keys\n').keyPassphrase, { credential: 'keys' });
    assert.deepEqual(read('', { COUNTERSIGN_KEY_PASSPHRASE_FD: '7' }).keyPassphrase, { fd: 7 });
  });

  it('comes one way only, and on a descriptor that can be inherited', () => {
    assert.throws(() => read('keyPassphraseFile: x\n', { COUNTERSIGN_KEY_PASSPHRASE_FD: '7' }), {
      code: 'bad_setting',
      message: /set one of them/,
    });
    for (const wrong of ['2', 'x', '1e9', '-3']) {
      assert.throws(() => read('', { COUNTERSIGN_KEY_PASSPHRASE_FD: wrong }), {
        code: 'bad_setting',
        message: /keyPassphraseFd: give the number/,
      });
    }
  });
});
