// Acts that have a number and are not folded yet: they are being written, or wait for those before them.
// What is thought of somebody already has to take them in, or several at once would each look harmless.

import type { RealmId } from '@countersign/vocabulary';
import type { KeptAct } from '../acts/act.ts';

export class UnderWay {
  readonly #acts = new Map<string, Set<KeptAct>>();

  add(act: KeptAct): void {
    const key = keyOf(act);
    const acts = this.#acts.get(key);
    if (acts === undefined) this.#acts.set(key, new Set([act]));
    else acts.add(act);
  }

  /** It is folded, or was not written. */
  remove(act: KeptAct): void {
    const key = keyOf(act);
    const acts = this.#acts.get(key);
    acts?.delete(act);
    if (acts?.size === 0) this.#acts.delete(key);
  }

  /** In the order in which they are going to be folded. */
  of(realm: RealmId, subject: string): readonly KeptAct[] {
    const acts = this.#acts.get(keyOf({ realm, subject }));
    return acts === undefined ? [] : [...acts];
  }
}

function keyOf({ realm, subject = '' }: Pick<KeptAct, 'realm' | 'subject'>): string {
  return `${realm}\0${subject}`;
}
