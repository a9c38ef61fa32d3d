// The settings of the second log: `local` for one of our own beside the first, or the address of a
// notary on another host with the certificates to reach it and the URL where everybody reads it.

import { resolve } from 'node:path';
import { CodedError } from '@countersign/vocabulary';

export type SecondLog =
  | { kind: 'local' }
  | { kind: 'remote'; host: string; port: number; tls: string; url: string };

export interface SecondLogSettings {
  secondLog?: string | undefined;
  secondLogTls?: string | undefined;
  secondLogUrl?: string | undefined;
}

/** @throws CodedError `bad_setting` */
export function readSecondLog(
  { secondLog, secondLogTls, secondLogUrl }: SecondLogSettings,
  workingFolder: string,
): SecondLog | undefined {
  if (secondLog === undefined || secondLog === 'local') {
    if (secondLogTls !== undefined || secondLogUrl !== undefined) {
      throw bad('secondLogTls and secondLogUrl: only for a second log at tls://HOST:PORT.');
    }
    return secondLog === undefined ? undefined : { kind: 'local' };
  }
  const address = /^tls:\/\/(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]\s]+)):([1-9]\d{0,4})$/.exec(secondLog);
  const host = address?.[1] ?? address?.[2];
  const port = Number(address?.[3]);
  if (host === undefined || port > 65_535) {
    throw bad(`secondLog: "${secondLog}" is neither "local" nor tls://HOST:PORT.`);
  }
  if (secondLogTls === undefined || secondLogUrl === undefined) {
    throw bad(
      'secondLog: a log on another host needs secondLogTls (a folder with certificate.pem, key.pem and authority.pem) and secondLogUrl (where everybody reads it).',
    );
  }
  const url = secondLogUrl.replace(/\/+$/, '');
  checkPublicUrl(url);
  return { kind: 'remote', host, port, tls: resolve(workingFolder, secondLogTls), url };
}

function checkPublicUrl(text: string): void {
  const url = URL.parse(text);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '');
  const readable = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback);
  if (url === null || !readable || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw bad(`secondLogUrl: "${text}" is no https URL (or http on this machine).`);
  }
}

function bad(message: string): CodedError {
  return new CodedError('bad_setting', message);
}
