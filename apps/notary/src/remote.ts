// The notary on a host of its own: starts the confined notary as its child, ends mutual TLS in front
// of it and passes frames on, and shows the log's public folder. This process holds no key of the log.

import { join } from 'node:path';
import { readTlsIdentity, serveTls, type TlsIdentity, untilReady } from '@countersign/pipe';
import { createNotaryClient, createRelay, LogPromises, LogPulse } from '@countersign/transparency';
import { isCodedError, systemClock } from '@countersign/vocabulary';
import {
  REMOTE_USAGE,
  type RemoteArguments,
  readRemoteArguments,
} from './remote/read-remote-arguments.ts';
import { servePublic } from './remote/serve-public.ts';
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
  const notary = startConfined(asked, say);
  await untilReady('notary', notary, () => createNotaryClient(notary).ready());
  const promises = new LogPromises();
  const followed = promises.follow(notary);
  const pulse = new LogPulse({
    notary: createNotaryClient(followed),
    clock: systemClock,
    promises,
  });
  const shown = await openPublic(asked, identity, pulse);
  const door = await serveTls({
    ...asked.listen,
    identity,
    allow: asked.allow,
    onBatch: createRelay({ notary: followed }),
    onRefused: (reason) => say(`A caller was turned away: ${reason}`),
  });
  const ports = { listen: door.port, ...(shown === undefined ? {} : { public: shown.port }) };
  process.stdout.write(`${JSON.stringify(ports)}\n`);

  const stop = async (): Promise<void> => {
    await Promise.all([door.close(), shown?.close()]);
    await notary.stop();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

async function openPublic(
  { public: where, publicHttps, folder, origin }: RemoteArguments,
  identity: TlsIdentity,
  pulse: LogPulse,
) {
  if (where === undefined) return undefined;
  const slash = origin.indexOf('/');
  return servePublic({
    ...where,
    folder: join(folder, 'public'),
    prefix: slash < 0 ? '' : origin.slice(slash),
    identity: publicHttps ? identity : undefined,
    pulse,
    say,
  });
}

run().catch((error: unknown) => {
  const code = isCodedError(error) ? `${error.code}: ` : '';
  const reason = error instanceof Error ? error.message : 'an error without a name';
  say(`The remote notary did not start. ${code}${reason}`);
  process.exit(1);
});
