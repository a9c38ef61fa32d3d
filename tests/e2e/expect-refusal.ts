// What every refusal of the house has in common, and bodies that no route can understand.

import assert from 'node:assert/strict';

/** Signs of our inside that no stranger should see. */
export const INSIDE =
  /\bat .+[.:]\d+|node_modules|\.ts:\d+|SQLITE|ENOENT|ENOSPC|ZodError|TypeError|peer_gone/;
const LONGEST_REFUSAL = 4096;

export interface Refusal {
  /** `code` of a problem document or `error` of an OAuth answer. */
  code: string;
  text: string;
}

/** The answer must be a refusal of an expected status: typed, short, and silent about us. */
export async function refused(answer: Response, ...statuses: number[]): Promise<Refusal> {
  const text = await answer.text();
  const shown = `${answer.status} from ${answer.url}: ${text.slice(0, 300)}`;
  assert.ok(statuses.includes(answer.status), shown);
  assert.doesNotMatch(text, INSIDE, shown);
  assert.ok(text.length <= LONGEST_REFUSAL, shown);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/(problem\+)?json/);
  const body = JSON.parse(text) as { code?: string; error?: string };
  const code = body.code ?? body.error ?? '';
  assert.match(code, /^[a-z_]+$/, shown);
  return { code, text };
}

export const MALFORMED: readonly (string | Buffer)[] = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '12345678901234567890',
  '{"realm":',
  '{"__proto__":{"admin":true}}',
  '{"realm":"acme/workforce","realm":"acme/customer"}',
  '{"realm":"acme/workforce/../../other","username":"x","password":"y"}',
  '{"tenant":"acme\\u0000"}',
  '{"tenant":{"$ne":null},"entries":[null],"uses":{}}',
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
];
