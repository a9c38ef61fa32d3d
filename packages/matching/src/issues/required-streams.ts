// An issuer may write several logs. Who brings one of them cannot say of a token that it was never
// issued: it may stand in another.

/** What Entra calls its categories; each must be there before one of its uses can be unissued. */
const REQUIRED: Readonly<Record<string, { person: readonly string[]; app: readonly string[] }>> = {
  microsoft: { person: ['interactive', 'non_interactive'], app: ['service_principal'] },
};

/** Streams that the uses of persons, or of apps, need and that were not given. */
export function missingStreams(
  family: string,
  given: ReadonlySet<string>,
  by: 'person' | 'app',
): string[] {
  // Nothing is said of streams: there is nothing to miss.
  if (given.size === 0) return [];
  return (REQUIRED[family]?.[by] ?? []).filter((stream) => !given.has(stream));
}
