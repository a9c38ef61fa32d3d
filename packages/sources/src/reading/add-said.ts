// Facts that are texts, added where there is one: an absent fact is no member.

import type { ActivityFacts } from '@countersign/vocabulary';

type TextFact = 'app' | 'client' | 'ip' | 'asn' | 'userAgent' | 'device' | 'tenant' | 'resource';

export function addSaid(
  facts: ActivityFacts,
  said: Readonly<Partial<Record<TextFact, string | undefined>>>,
): void {
  for (const name of Object.keys(said) as TextFact[]) {
    const text = said[name];
    if (text !== undefined) facts[name] = text;
  }
}
