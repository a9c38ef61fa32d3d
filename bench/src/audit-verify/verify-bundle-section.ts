// Section: how fast an evidence bundle is checked offline, by the size of its events, beside what it
// takes to hash the same bytes at all.

import { createHash, hash, randomBytes } from 'node:crypto';
import {
  type AnchorEntry,
  type BundleEvent,
  buildAnchorTree,
  extendHead,
  firstHead,
  hashEvent,
  hashManifest,
  type SegmentManifest,
  startSegment,
  verifyBundle,
  writeBundle,
} from '@countersign/trail';
import {
  createNoteKey,
  encodeAnchorLeaf,
  encodeHex,
  formatCheckpoint,
  formatNote,
  formatTlogProof,
  hashInstance,
  hashLeaf,
  RootAccumulator,
} from '@countersign/verifier';
import { measureInTurns } from '../measure.ts';
import type { Goal, Section } from '../report.ts';

/** As in an hour's segment of a busy tenant. */
const EVENTS = 100_000;
const EVENTS_A_SEGMENT = 20_000;
const EVENT_BYTES = [500, 1_000, 2_000] as const;
const GOAL = 200_000;
const CHUNK_BYTES = 1 << 20;
const PLAN = { rounds: 5, roundMs: 400 };
const [INSTANCE, TENANT] = ['bench', 'acme'];

export async function auditVerifySection(): Promise<Section> {
  const rates: { bytes: number; checked: number; hashed: number }[] = [];
  for (const bytes of EVENT_BYTES) {
    const bundle = await writeText(bytes);
    const [checked, hashed] = await measureInTurns(
      [
        { name: 'checked', run: (count) => repeat(count, () => check(bundle)) },
        { name: 'hashed', run: (count) => repeat(count, async () => hashAll(bundle)) },
      ],
      PLAN,
    );
    const rate = (timing: { cpuMicroseconds: number } | undefined): number =>
      EVENTS / ((timing?.cpuMicroseconds ?? Number.NaN) / 1e6);
    rates.push({ bytes, checked: rate(checked), hashed: rate(hashed) });
  }
  return section(rates);
}

async function repeat(count: number, job: () => Promise<void>): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await job();
}

async function check(bundle: Buffer): Promise<void> {
  const { ok, events } = await verifyBundle(chunksOf(bundle));
  if (!ok || events !== EVENTS) throw new Error('the bundle of the benchmark is not sound');
}

/** The least that any check has to do: each event and each link of the chain, once. */
function hashAll(bundle: Buffer): void {
  const input = Buffer.alloc(65);
  const size = Math.floor(bundle.length / EVENTS);
  for (let event = 0; event < EVENTS; event += 1) {
    hash('sha256', bundle.subarray(event * size, (event + 1) * size), 'latin1');
    hash('sha256', input, 'latin1');
  }
}

function* chunksOf(bundle: Buffer): Generator<Buffer> {
  for (let at = 0; at < bundle.length; at += CHUNK_BYTES)
    yield bundle.subarray(at, at + CHUNK_BYTES);
}

async function writeText(bytes: number): Promise<Buffer> {
  const salt = createHash('sha256').update('salt').digest().subarray(0, 16);
  const filler = randomBytes(bytes)
    .toString('base64')
    .slice(0, bytes - 90);
  const events: Required<Omit<BundleEvent, 'erased'>>[] = [];
  for (let number = 1; number <= EVENTS; number += 1) {
    const ocsf = `{"class_uid":3002,"message":"${filler}","number":${String(number).padStart(9, '1')},"time":1800000000000}`;
    events.push({ number, salt, ocsf, leaf: hashEvent(salt, ocsf) });
  }
  let head: Uint8Array = firstHead(INSTANCE, TENANT);
  const tree = new RootAccumulator();
  const manifests: SegmentManifest[] = [];
  for (let first = 1; first <= EVENTS; first += EVENTS_A_SEGMENT) {
    const place = { instance: INSTANCE, tenant: TENANT, segment: manifests.length + 1, first };
    const seal = startSegment({ ...place, headBefore: head });
    const part = events.slice(first - 1, first - 1 + EVENTS_A_SEGMENT);
    for (const { leaf } of part) seal.add(leaf, 1_800_000_000_000);
    const manifest = seal.seal(1_800_000_000_000);
    manifests.push(manifest);
    tree.add(hashManifest(manifest));
    head = extendHead(head, Buffer.concat(part.map(({ leaf }) => leaf)));
  }
  const entry: AnchorEntry = {
    ...{ v: 1, anchor: 1, tenant: TENANT, count: EVENTS, head: encodeHex(head) },
    ...{ segments: manifests.length, segmentsRoot: encodeHex(tree.root()), salt: '0'.repeat(32) },
  };
  const sections = async function* () {
    for (const manifest of manifests) {
      const part = events.slice(manifest.first - 1, manifest.last);
      yield { kind: 'segment' as const, manifest, events: each(part) };
    }
  };
  const parts: Buffer[] = [];
  const source = { instance: INSTANCE, tenant: TENANT, anchor: anchorOf(entry) };
  for await (const part of writeBundle({ ...source, sections: sections() }))
    parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** In a log of one entry, whose signature nobody looks at. */
function anchorOf(entry: AnchorEntry) {
  const { root, prove } = buildAnchorTree([entry]);
  const place = prove(TENANT) ?? { index: 0, size: 1, path: [] };
  const instanceHash = hashInstance(INSTANCE);
  const leaf = encodeAnchorLeaf({ atMs: 1_800_000_000_000, instanceHash, anchor: 1, root });
  const { name, id } = createNoteKey('log.example', 'ed25519', new Uint8Array(32));
  const text = formatCheckpoint({ origin: name, size: 1, root: hashLeaf(leaf), extensions: [] });
  const checkpoint = formatNote({ text, signatures: [{ name, id, blob: new Uint8Array(64) }] });
  return { entry, place, leaf, log: formatTlogProof({ index: 0, proof: [], checkpoint }) };
}

function section(rates: { bytes: number; checked: number; hashed: number }[]): Section {
  const goals: Goal[] = rates.slice(0, 2).map(({ bytes, checked }) => ({
    what: `checked, events of ${bytes} bytes`,
    goal: `≥ ${GOAL.toLocaleString('en-US')} a second`,
    measured: `${Math.round(checked).toLocaleString('en-US')} a second`,
    met: checked >= GOAL,
  }));
  const share = Math.round((100 * (rates[1]?.checked ?? 0)) / (rates[1]?.hashed ?? 1));
  return {
    title: 'Checking an evidence bundle',
    method: `One core, events a second of processor time, median of ${PLAN.rounds} rounds taken in turns, over ${EVENTS.toLocaleString('en-US')} events in memory in segments of ${EVENTS_A_SEGMENT.toLocaleString('en-US')}: text, salt, list of leaves, Merkle root of each segment, chain, manifests, anchor. Not counted: reading from disk, the one signature.`,
    header: ['bytes of an event', 'checked', 'only hashed'],
    rows: rates.map(({ bytes, checked, hashed }) => ({ cells: [String(bytes), checked, hashed] })),
    goals,
    limit: `The hash: each event is hashed once, and once more for its place in the chain, and its leaf once more in the tree of the segment. At events of 1,000 bytes the check reaches ${share} % of what hashing text and chain alone does; the rest is the tree, the list and the copy of the text.`,
  };
}
