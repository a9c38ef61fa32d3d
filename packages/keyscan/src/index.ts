export { allFinders } from './all-finders.ts';
export { scanSource } from './containers/scan-source.ts';
export type { Find, Finder, FindKind, Report, Unread } from './find.ts';
export { memoryFinder } from './memory/memory-finder.ts';
export { type Fingerprint, parseFingerprints } from './memory/parse-fingerprints.ts';
export { publicKeyFinder } from './memory/public-key-finder.ts';
export { redact } from './redact.ts';
export { openScanner } from './scan-stream.ts';
