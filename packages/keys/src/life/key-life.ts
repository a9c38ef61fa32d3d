// The life of a key: which states there are and which may follow which. A state is never gone back
// to, so a key that has stopped signing has stopped for ever (C-01, C-04, C-13).

import { signerRefusal } from '../keys-error.ts';

export const KEY_STATES = [
  'planned',
  'published',
  'active',
  'retiring',
  'retired',
  'revoked',
] as const;

/**
 * `planned`: made, shown to nobody. `published`: in the JWKS, so that caches learn it. `active`:
 * signs. `retiring`: signs no more, its tokens still live. `retired`: nothing of it should be seen
 * any more. `revoked`: nobody may accept anything of it.
 */
export type KeyState = (typeof KEY_STATES)[number];

export interface KeyLife {
  state: KeyState;
  /** When each state was reached, ms since epoch by the signer's clock; `planned` is always there. */
  sinceMs: Partial<Record<KeyState, number>>;
  /** Of `revoked`: one line, at most `REASON_LIMIT` characters. */
  reason?: string;
}

export const REASON_LIMIT = 200;

const NEXT: Readonly<Record<KeyState, readonly KeyState[]>> = {
  planned: ['published', 'revoked'],
  // A standby that was never needed retires without having signed.
  published: ['active', 'retiring', 'revoked'],
  active: ['retiring', 'revoked'],
  retiring: ['retired', 'revoked'],
  retired: ['revoked'],
  revoked: [],
};

/** True once a key signs no more, whatever becomes of it. */
export function neverSigns({ state }: KeyLife): boolean {
  return state === 'retiring' || state === 'retired' || state === 'revoked';
}

/** True once nothing of the key should be seen any more: its private half is of use to thieves alone. */
export function isEnded({ state }: KeyLife): boolean {
  return state === 'retired' || state === 'revoked';
}

export function startLife(atMs: number): KeyLife {
  return { state: 'planned', sinceMs: { planned: atMs } };
}

/**
 * The life after one more step. A clock that went back does not make a state older than the one
 * before it.
 * @throws CodedError `life_conflict` when `to` may not follow
 */
export function stepLife(life: KeyLife, to: KeyState, atMs: number, reason?: string): KeyLife {
  if (!NEXT[life.state].includes(to)) {
    throw signerRefusal('life_conflict', `A key that is ${life.state} does not become ${to}.`);
  }
  return enter(life, to, atMs, reason);
}

/**
 * Of a key that is on record as over, what else is known of it may only be that it was revoked after
 * that: an older copy of the record of lives brings no key back.
 */
export function laterEnd(ended: KeyLife, known: KeyLife | undefined): KeyLife {
  return ended.state === 'retired' && known?.state === 'revoked' ? known : ended;
}

/** The life of a key that is past its last second: `retired`, whatever it was, unless revoked. */
export function endLife(life: KeyLife, atMs: number): KeyLife {
  return isEnded(life) ? life : enter(life, 'retired', atMs);
}

function enter(life: KeyLife, to: KeyState, atMs: number, reason?: string): KeyLife {
  const latestMs = Math.max(atMs, ...Object.values(life.sinceMs));
  const kept = reason === undefined ? {} : { reason };
  return { state: to, sinceMs: { ...life.sinceMs, [to]: latestMs }, ...kept };
}
