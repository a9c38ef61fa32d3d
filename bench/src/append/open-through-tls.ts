// The way to a notary on another host: mutual TLS to its remote door, which passes the appends of a
// turn on to the confined notary as one.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectTls, readTlsIdentity } from '@countersign/pipe';
import { createNotaryClient } from '@countersign/transparency';
import type { Appender } from './open-appenders.ts';

const NOTARY = join(import.meta.dirname, '../../../apps/notary');

export async function openThroughTls(folder: string): Promise<Appender> {
  const beside = `${folder}.tls`;
  mkdirSync(beside);
  const passphraseFile = join(beside, 'passphrase');
  writeFileSync(passphraseFile, 'a passphrase for the benchmark only', { mode: 0o600 });
  const certificates = join(beside, 'certificates');
  const made = execFileSync(join(NOTARY, 'bin/make-certificates.sh'), [certificates, 'localhost'], {
    encoding: 'utf8',
  });
  const remote = spawn(
    process.execPath,
    [
      join(NOTARY, 'src/remote.ts'),
      ...['--folder', folder, '--origin', 'bench.example/log', '--make'],
      ...['--passphrase-file', passphraseFile, '--listen', '127.0.0.1:0'],
      ...['--tls', join(certificates, 'server'), '--allow', made.trim().split(' ')[1] ?? ''],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: remote.stdout }), 'line')) as [string];
  const peer = connectTls({
    host: 'localhost',
    port: (JSON.parse(line) as { listen: number }).listen,
    identity: readTlsIdentity({
      certificate: join(certificates, 'issuer/certificate.pem'),
      key: join(certificates, 'issuer/key.pem'),
      authority: join(certificates, 'issuer/authority.pem'),
    }),
  });
  while (!peer.connected) await new Promise((resolve) => setTimeout(resolve, 10));
  const notary = createNotaryClient(peer);
  await notary.ready();
  return {
    append: (entry) => notary.append(entry),
    close: async () => {
      peer.close();
      remote.kill('SIGTERM');
      if (remote.exitCode === null) await once(remote, 'exit');
      rmSync(beside, { recursive: true, force: true });
    },
  };
}
