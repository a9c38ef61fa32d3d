// Credentials as AWS writes them: an INI file with one profile, whatever its name.

import { custodyRefusal } from '../keys-error.ts';

export interface KmsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Overwrites `bytes`. @throws CodedError `credentials_missing` */
export function readCredentials(bytes: Uint8Array): KmsCredentials {
  // A view: a copy would lie in Node's pool of buffers, which nobody overwrites.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  bytes.fill(0);
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const member = /^\s*(aws_[a-z_]+)\s*=\s*(\S+)\s*$/.exec(line);
    if (member === null) continue;
    const [, name, value] = member as unknown as [string, string, string];
    if (values.has(name)) throw missing('there is more than one profile in it');
    values.set(name, value);
  }
  const accessKeyId = values.get('aws_access_key_id');
  const secretAccessKey = values.get('aws_secret_access_key');
  const sessionToken = values.get('aws_session_token');
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw missing('aws_access_key_id and aws_secret_access_key are not both in it');
  }
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

function missing(why: string): Error {
  return custodyRefusal(
    'credentials_missing',
    `The credentials for AWS KMS cannot be used: ${why}. Give an INI file with one profile, as \`aws configure\` writes it.`,
  );
}
