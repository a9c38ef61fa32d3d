// The file that COUNTERSIGN_WITNESSES names: a C2SP tlog-policy with the witnesses of our log, where
// each is asked, and how many of them make a quorum. Verifiers are handed the same rules without
// the addresses, which are nobody's business but ours and theirs.

import { readFileSync } from 'node:fs';
import { FormatError, type NoteKey, parseTlogPolicy, type TlogPolicy } from '@countersign/verifier';
import { CodedError } from '@countersign/vocabulary';

export interface WitnessPlace {
  /** Its name in the file. */
  name: string;
  key: NoteKey;
  /** Submission prefix (C2SP tlog-witness), without a trailing slash. */
  url: string;
}

export interface WitnessPolicy {
  rules: TlogPolicy;
  witnesses: readonly WitnessPlace[];
  /** What verifiers are handed. */
  published: string;
}

/** @throws CodedError `bad_setting` */
export function readWitnessPolicy(path: string): WitnessPolicy {
  const text = readText(path);
  try {
    return parseWitnessPolicy(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw bad(`${path}: ${error.message}`);
  }
}

/** @throws FormatError of `parseTlogPolicy`; CodedError `bad_setting` */
export function parseWitnessPolicy(text: string): WitnessPolicy {
  const rules = parseTlogPolicy(text);
  const witnesses = [...rules.witnesses].map(([name, { key, url }]) => ({
    name,
    key,
    url: checkUrl(name, url),
  }));
  if (witnesses.length === 0) throw bad('the witness policy names no witness.');
  return { rules, witnesses, published: withoutPlaces(text) };
}

function checkUrl(name: string, text: string | undefined): string {
  const url = text === undefined ? null : URL.parse(text);
  if (text === undefined || url === null) {
    throw bad(`witness ${name}: give the URL at which it is asked, after its key.`);
  }
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw bad(`witness ${name}: ${text} is neither https nor http on this machine.`);
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '') {
    throw bad(`witness ${name}: ${text} holds more than scheme, host, port and path.`);
  }
  return text.replace(/\/+$/, '');
}

/** Log lines go too: which log a policy is for, the verifier's own policy says around it. */
function withoutPlaces(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.split(/[ \t]+/).filter((item) => item !== ''))
    .filter(([kind]) => kind !== undefined && ['witness', 'group', 'quorum'].includes(kind))
    .map((items) => (items[0] === 'witness' ? items.slice(0, 3) : items).join(' '));
  return `${lines.join('\n')}\n`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw bad(`witnesses: ${path} cannot be read.`, cause);
  }
}

function bad(message: string, cause?: unknown): CodedError<'bad_setting'> {
  return new CodedError('bad_setting', message, { cause });
}
