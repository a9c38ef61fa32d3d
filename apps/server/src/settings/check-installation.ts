// A data folder belongs to one URL: issuers, keys and the log carry it. Starting it under another
// would publish keys that may not speak, so the start stops and says which URL is right.

import { CodedError } from '@countersign/vocabulary';
import type { DataFolder, Installation } from './open-data-folder.ts';

/** @throws CodedError `url_changed` */
export function checkInstallation(
  data: Pick<DataFolder, 'installation' | 'path' | 'release'>,
  url: string,
): Installation {
  const { installation } = data;
  if (installation === undefined) return { url, logOrigin: `${new URL(url).host}/log` };
  if (installation.url !== url) {
    data.release();
    throw new CodedError(
      'url_changed',
      `The data in ${data.path} belongs to ${installation.url}: every issuer and key carries that name. Set COUNTERSIGN_URL to it, or COUNTERSIGN_DATA to another folder.`,
    );
  }
  return installation;
}
