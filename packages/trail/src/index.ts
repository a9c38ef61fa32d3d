export { type AnchorEntry, formatAnchorEntry, parseAnchorEntry } from './anchor/anchor-entry.ts';
export { type AnchorProof, formatAnchorProof, parseAnchorProof } from './anchor/anchor-proof.ts';
export { type AnchorPlace, type AnchorTree, buildAnchorTree } from './anchor/anchor-tree.ts';
export { type AnchorFault, type AnchorJudgement, judgeAnchor } from './anchor/judge-anchor.ts';
export type { BundleEvent, BundleSection, BundleSource } from './bundle/bundle-source.ts';
export type {
  Alteration,
  BundleAnchor,
  BundleFault,
  BundleGap,
  BundleProblem,
  BundleVerdict,
  PinVerdict,
  TrailLevel,
} from './bundle/verdict.ts';
export { type VerifyOptions, verifyBundle } from './bundle/verify-bundle.ts';
export { writeBundle } from './bundle/write-bundle.ts';
export { extendHead, firstHead, INSTALLATION_TENANT, nextHead } from './leaf/chain.ts';
export { hashEvent, SALT_BYTES } from './leaf/hash-event.ts';
export {
  formatManifest,
  formatTombstone,
  hashManifest,
  manifestOf,
  parseManifest,
  parseTombstone,
  type SegmentManifest,
  type Tombstone,
} from './segment/manifest.ts';
export { type SegmentPlace, type SegmentSeal, startSegment } from './segment/seal-segment.ts';
export type { TrailCode } from './trail-error.ts';
