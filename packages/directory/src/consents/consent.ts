// What a person allowed a client, as sets of scopes. Consents only grow by union, so the order in
// which they were given does not matter; they shrink only by being withdrawn.

export interface ConsentScopes {
  /** OpenID scopes, sorted, each once. */
  scopes: readonly string[];
  /** Scopes by resource server (audience URI), sorted, each once. */
  resourceScopes: Readonly<Record<string, readonly string[]>>;
}

export const noConsent: ConsentScopes = { scopes: [], resourceScopes: {} };

/** Everything either of the two allows. Commutative, associative, idempotent. */
export function joinConsents(left: ConsentScopes, right: ConsentScopes): ConsentScopes {
  const resources = sortedUnion(
    Object.keys(left.resourceScopes),
    Object.keys(right.resourceScopes),
  );
  return {
    scopes: sortedUnion(left.scopes, right.scopes),
    resourceScopes: Object.fromEntries(
      resources.map((resource) => [
        resource,
        sortedUnion(scopesOf(left, resource), scopesOf(right, resource)),
      ]),
    ),
  };
}

/** True when everything in `wanted` is already allowed: nothing has to be asked. */
export function coversConsent(given: ConsentScopes, wanted: ConsentScopes): boolean {
  const covers = (all: readonly string[], some: readonly string[]): boolean =>
    some.every((scope) => all.includes(scope));
  return (
    covers(given.scopes, wanted.scopes) &&
    Object.keys(wanted.resourceScopes).every(
      (resource) =>
        Object.hasOwn(given.resourceScopes, resource) &&
        covers(scopesOf(given, resource), scopesOf(wanted, resource)),
    )
  );
}

function scopesOf({ resourceScopes }: ConsentScopes, resource: string): readonly string[] {
  return Object.hasOwn(resourceScopes, resource) ? (resourceScopes[resource] ?? []) : [];
}

function sortedUnion(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])].sort();
}
