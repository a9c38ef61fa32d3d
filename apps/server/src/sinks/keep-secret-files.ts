// Secrets of sinks: a file each in DATA/secrets/sinks, for the server alone. What is there is handed to
// the way to the sink and shown to nobody.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SinkSecrets } from '@countersign/connectors';

const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function keepSecretFiles(folder: string): SinkSecrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = (id: string): string => {
    if (!ID.test(id)) throw new TypeError('A sink has an id of ours.');
    return join(folder, `${id}.json`);
  };
  return {
    keep(id, secret) {
      const descriptor = openSync(fileOf(id), 'wx', 0o600);
      try {
        writeSync(descriptor, JSON.stringify(secret));
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
    read(id) {
      try {
        return JSON.parse(readFileSync(fileOf(id), 'utf8'));
      } catch {
        return undefined;
      }
    },
    remove: (id) => rmSync(fileOf(id), { force: true }),
  };
}
