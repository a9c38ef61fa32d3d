// What speaks against somebody most, in one sentence, as a server told it.

import { isObject, momentIn } from '../http/read-member.ts';

export function sayWhy(why: unknown): string {
  if (!isObject(why)) return '-';
  const { sentence, confirmed } = why;
  const day = momentIn(why, 'timeMs').slice(0, 'YYYY-MM-DD'.length);
  const act = typeof sentence === 'string' ? sentence : `An act of ${day} that is kept no longer.`;
  return confirmed === true ? `Confirmed as an attack. ${act}` : act;
}
