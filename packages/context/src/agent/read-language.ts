// The language that a request asks for first (RFC 9110 §12.5.4), lower-case: `de-at`.

const LONGEST = 256;
const RANGE =
  /^([a-z]{2,3}(?:-[a-z0-9]{1,8}){0,3})\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/** Undefined for `*` and for what is no language. */
export function readLanguage(header: string | undefined): string | undefined {
  let best: { language: string; weight: number } | undefined;
  for (const part of (header ?? '').slice(0, LONGEST).split(',')) {
    const [, language, quality] = RANGE.exec(part.trim()) ?? [];
    const weight = quality === undefined ? 1 : Number(quality);
    if (language !== undefined && weight > (best?.weight ?? 0)) best = { language, weight };
  }
  return best?.language.toLowerCase();
}
