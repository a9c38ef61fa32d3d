// Whether the witnesses that cosigned a checkpoint are enough (C2SP tlog-policy, "Defining a witness
// group"). A key counts for the one witness that the policy gives it to.

import { equalBytes } from '../bytes/compare-bytes.ts';
import type { NoteKey } from '../note/verifier-key.ts';
import type { TlogPolicy } from './tlog-policy.ts';

/** @param cosigners keys whose signatures over the checkpoint were verified; foreign ones are ignored */
export function meetsQuorum(policy: TlogPolicy, cosigners: readonly NoteKey[]): boolean {
  if (policy.quorum === 'none') return true;
  const witnessed = new Set<string>();
  for (const [name, { key }] of policy.witnesses) {
    if (cosigners.some((cosigner) => isSameKey(cosigner, key))) witnessed.add(name);
  }
  // Groups stand after what they name, so one pass knows every member before it is counted.
  for (const [name, { threshold, members }] of policy.groups) {
    if (members.filter((member) => witnessed.has(member)).length >= threshold) witnessed.add(name);
  }
  return witnessed.has(policy.quorum);
}

/** The same key for the same use under the same name. */
export function isSameKey(one: NoteKey, other: NoteKey): boolean {
  return (
    one === other ||
    (one.purpose === other.purpose &&
      one.name === other.name &&
      equalBytes(one.publicKey, other.publicKey))
  );
}
