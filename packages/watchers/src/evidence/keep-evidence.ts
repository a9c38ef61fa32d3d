// Evidence of a fork on disk, where whoever found it keeps what it knows. Written once, under a name
// made of its content.

import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, replaceDurably } from '../disk/durable-file.ts';

const FOLDER = 'evidence';
/** A log that forks can do so for ever; a few proofs are as good as many. Each log has its own few. */
const MAX_FILES = 64;

/** The file, relative to `folder`; undefined when enough is kept already of the log of this origin. */
export async function keepEvidence(
  folder: string,
  origin: string,
  text: string,
): Promise<string | undefined> {
  const ofLog = `fork-${shortHash(origin)}-`;
  const file = join(FOLDER, `${ofLog}${shortHash(text)}.txt`);
  makePrivateFolder(join(folder, FOLDER));
  const kept = readdirSync(join(folder, FOLDER)).filter((name) => name.startsWith(ofLog));
  if (kept.length >= MAX_FILES) return undefined;
  await replaceDurably(join(folder, file), Buffer.from(text));
  return file;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
