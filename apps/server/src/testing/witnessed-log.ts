// A real log behind a real pipe, and real witnesses behind a fetch that never leaves the process,
// for tests of what stands between them.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { connectPipe, servePipe } from '@countersign/pipe';
import {
  answerRequests,
  createNotaryClient,
  type NotaryClient,
  openLog,
  proveGrowthFromTiles,
  type TransparencyLog,
} from '@countersign/transparency';
import {
  encodeLeafEntry,
  type FetchLike,
  parseVerifierKey,
  utf8,
  verifyCheckpoint,
} from '@countersign/verifier';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { answerWitness, openWitness, type Witness } from '@countersign/watchers';
import { readPublicFile } from '../read-public-file.ts';
import { parseWitnessPolicy } from '../settings/read-witness-policy.ts';
import { Witnessing, type WitnessingParts } from '../witnessing/witnessing.ts';

const ORIGIN = 'log.example/log';

export class WitnessedTestLog {
  readonly folder: string;
  readonly clock: ManualClock;
  readonly fatal: unknown[] = [];
  /** Another, another history. */
  salt = 0;
  notary!: NotaryClient;
  #log!: TransparencyLog;

  constructor(
    folder = mkdtempSync(join(tmpdir(), 'countersign-witnessed-')),
    clock = new ManualClock(),
  ) {
    this.folder = folder;
    this.clock = clock;
  }

  async open(): Promise<this> {
    this.#log = await openLog({
      folder: this.folder,
      origin: ORIGIN,
      passphrase: utf8('a passphrase for tests only'),
      clock: this.clock,
      random: systemRandom,
      onFatal: (error) => this.fatal.push(error),
      make: true,
      keyCost: { memoryKiB: 8, passes: 1 },
      integrateEveryMs: 1_000_000,
      segmentBytes: 64 * 1024,
      cosignedWaitMs: 1000,
    });
    const [there, back] = [new PassThrough(), new PassThrough()];
    servePipe({
      input: there,
      output: back,
      onBatch: (requests) => answerRequests(this.#log, requests),
      onEnd: () => undefined,
    });
    this.notary = createNotaryClient(connectPipe({ readable: back, writable: there }));
    return this;
  }

  get keys(): { checkpoint: string; checkpointMlDsa44?: string } {
    return this.#log.identity.keys;
  }

  /** Appends entries and signs a checkpoint over them, which waits for cosignatures. */
  async grow(count: number): Promise<void> {
    const issuedMs = this.clock.nowMs();
    for (let at = 0; at < count; at += 1) {
      const commitment = new Uint8Array(32).fill((this.#log.durableSize + this.salt) & 255);
      const entry = encodeLeafEntry({ type: 'id', issuedMs, expiresAtSeconds: 0, commitment });
      await this.notary.append(entry);
    }
    await this.#log.publishNow(true);
  }

  /** Size and witnesses of the checkpoint that the world sees. */
  async shown(witnesses: readonly Witness[]): Promise<{ size: number; by: string[] }> {
    const note = readFileSync(join(this.folder, 'public/checkpoint'));
    const keys = witnesses.map(({ keys: { ed25519 } }) => parseVerifierKey(ed25519));
    const logKey = parseVerifierKey(this.keys.checkpoint);
    const { size, verified } = await verifyCheckpoint(note, ORIGIN, logKey, keys);
    const names = verified.map(({ key }) => key.name).filter((name) => name !== ORIGIN);
    return { size, by: names.sort() };
  }

  witnessing(
    parts: Pick<WitnessingParts, 'fetch' | 'elapsedMs'> & { policy: string },
  ): Witnessing & { told: string[] } {
    const told: string[] = [];
    const witnessing = new Witnessing({
      ...parts,
      log: {
        origin: ORIGIN,
        key: parseVerifierKey(this.keys.checkpoint),
        notary: this.notary,
        prove: (oldSize, size) => proveGrowthFromTiles(this.#tile, oldSize, size),
      },
      policy: parseWitnessPolicy(parts.policy),
      clock: this.clock,
      onCosigned: () => undefined,
      onFailure: (witness, { code }) => told.push(`${witness} ${code}`),
      onFault: (error) => told.push(`fault ${String(error)}`),
      onDisproved: (witness, { code }) => told.push(`${witness} proved ${code}`),
    });
    return Object.assign(witnessing, { told });
  }

  /** Lets it go without another write. */
  crash(): void {
    this.notary.close();
    this.#log.abandon();
  }

  async close(): Promise<void> {
    this.notary.close();
    await this.#log.close();
  }

  delete(): void {
    this.crash();
    rmSync(this.folder, { recursive: true, force: true });
  }

  readonly #tile = async (path: string): Promise<Buffer | undefined> =>
    (await readPublicFile(join(this.folder, 'public', path)))?.bytes;
}

/** What stands at a witness's address. */
export type Stand = (path: string, init: RequestInit) => Promise<Response>;

export async function newWitness(
  log: WitnessedTestLog,
  name: string,
): Promise<{ witness: Witness; stand: Stand; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-witness-'));
  const { checkpoint } = log.keys;
  const logs = [parseVerifierKey(checkpoint)];
  const witness = await openWitness({ folder, logs, make: { name }, clock: log.clock });
  const stand: Stand = async (path, { method = 'GET', body }) => {
    const answer = await answerWitness(witness, {
      method,
      path,
      body: utf8(typeof body === 'string' ? body : ''),
    });
    const bytes = Buffer.from(answer.body);
    return new Response(bytes, { status: answer.status, headers: answer.headers });
  };
  return { witness, stand, folder };
}

/** A fetch that reaches `https://HOST/…` as long as there is a stand of that name. */
export function fetchFrom(stands: ReadonlyMap<string, Stand>): FetchLike {
  return async (url, init) => {
    const { hostname, pathname } = new URL(url);
    const stand = stands.get(hostname);
    if (stand === undefined) throw new TypeError('nobody is there');
    return await stand(pathname, init);
  };
}
