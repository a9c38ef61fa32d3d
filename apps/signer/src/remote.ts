// The signer on a host of its own: starts the confined signer as its child, ends mutual TLS in front
// of it and passes frames on, each request to sign once. This process holds no key of an issuer.

import { join } from 'node:path';
import { createSignerClient, createSignerRelay } from '@countersign/keys';
import { readTlsIdentity, serveTls, untilReady } from '@countersign/pipe';
import { isCodedError } from '@countersign/vocabulary';
import { REMOTE_USAGE, readRemoteArguments } from './remote/read-remote-arguments.ts';
import { startConfined } from './remote/start-confined.ts';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function run(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${REMOTE_USAGE}\n`);
    return;
  }
  const asked = readRemoteArguments(process.argv.slice(2));
  const { tls } = asked;
  const identity = readTlsIdentity({
    certificate: join(tls, 'certificate.pem'),
    key: join(tls, 'key.pem'),
    authority: join(tls, 'authority.pem'),
  });
  const signer = startConfined(asked, say);
  await untilReady('signer', signer, () => createSignerClient(signer).ready());
  const door = await serveTls({
    ...asked.listen,
    identity,
    allow: asked.allow,
    onBatch: createSignerRelay({ signer }),
    onRefused: (reason) => say(`A caller was turned away: ${reason}`),
  });
  process.stdout.write(`${JSON.stringify({ listen: door.port })}\n`);

  const stop = async (): Promise<void> => {
    await door.close();
    await signer.stop();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

run().catch((error: unknown) => {
  const code = isCodedError(error) ? `${error.code}: ` : '';
  const reason = error instanceof Error ? error.message : 'an error without a name';
  say(`The remote signer did not start. ${code}${reason}`);
  process.exit(1);
});
