// A reporter speaks only for its own tenant: the issuer or the audience it reports about must be
// its tenant's. What is not is left out and counted, so that one wrong use costs no other.

import { parseRealmId, type RealmId } from '@countersign/vocabulary';
import type { UseReport } from './use-batch.ts';

/** Who sends use reports, as the directory knows it after checking its credential. */
export interface Reporter {
  id: string;
  tenant: string;
}

/** What the house knows about who owns what. */
export interface Ownership {
  /** The realm whose issuer URL this is; undefined when it is none of ours. */
  realmOfIssuer(issuer: string): RealmId | undefined;
  ownsAudience(tenant: string, audience: string): Promise<boolean>;
}

/** Nobody owns anything: every use is left out. */
export const NO_OWNERSHIP: Ownership = {
  realmOfIssuer: () => undefined,
  ownsAudience: async () => false,
};

/** Different audiences looked up for one batch; a verifier serves a few. */
const MOST_AUDIENCES = 100;

export interface OwnUses {
  uses: { use: UseReport; realm: RealmId | undefined }[];
  leftOut: number;
}

export async function keepOwnUses(
  ownership: Ownership,
  reporter: Reporter,
  uses: readonly UseReport[],
): Promise<OwnUses> {
  const owned = new Map<string, boolean>();
  const ownsAudience = async (audience: string): Promise<boolean> => {
    const known = owned.get(audience);
    if (known !== undefined) return known;
    if (owned.size >= MOST_AUDIENCES) return false;
    const found = await ownership.ownsAudience(reporter.tenant, audience);
    owned.set(audience, found);
    return found;
  };
  const kept: OwnUses = { uses: [], leftOut: 0 };
  for (const use of uses) {
    const realm = use.issuer === undefined ? undefined : ownership.realmOfIssuer(use.issuer);
    const ownRealm =
      realm !== undefined && parseRealmId(realm).tenant === reporter.tenant ? realm : undefined;
    let own = ownRealm !== undefined || speaksForItself(use);
    for (const audience of use.audience ?? []) own ||= await ownsAudience(audience);
    if (own) kept.uses.push({ use, realm: ownRealm });
    else kept.leftOut += 1;
  }
  return kept;
}

/**
 * A refused token may name anyone: that it was shown to this tenant is this tenant's to tell. Proof
 * is proof whoever brings it. And a use that names nobody claims nothing about others.
 */
function speaksForItself(use: UseReport): boolean {
  if (use.decision === 'refused' || use.evidence !== undefined) return true;
  return use.issuer === undefined && use.audience === undefined;
}
