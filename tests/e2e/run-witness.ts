// Witnesses for a test: honest ones, each a `countersign witness` that can be killed and started
// again, and one that answers whatever the test wants it to.

import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPort } from '../../scenarios/src/stage/claim-port.ts';
import { killProgram, startUntilLine } from './start-until-line.ts';

const CLI = join(import.meta.dirname, '../../apps/cli/src/main.ts');

export class RunningWitness {
  readonly name: string;
  readonly url: string;
  readonly #logKeys: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-e2e-witness-'));
  #process: ChildProcess | undefined;
  /** Its key for policies; known once it has started. */
  key = '';

  private constructor(name: string, port: number, logKeys: readonly string[]) {
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.#logKeys = logKeys;
  }

  static async start(name: string, logKeys: readonly string[]): Promise<RunningWitness> {
    const witness = new RunningWitness(name, await claimPort(), logKeys);
    process.once('exit', () => witness.#process?.kill('SIGKILL'));
    await witness.start();
    return witness;
  }

  async start(): Promise<void> {
    const args = [
      ...[CLI, 'witness', '--json', '--folder', this.#folder, '--listen', new URL(this.url).host],
      ...['--make', `witness.example/${this.name}`],
      ...this.#logKeys.flatMap((key) => ['--log', key]),
    ];
    const { process: child, line } = await startUntilLine(args);
    this.#process = child;
    const { ok, keys } = JSON.parse(line) as { ok: boolean; keys: { ed25519: string } };
    if (!ok) throw new Error(`the witness said: ${line}`);
    this.key = keys.ed25519;
  }

  async kill(): Promise<void> {
    await killProgram(this.#process);
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

type Lie = (request: IncomingMessage, response: ServerResponse) => void;

/** Says anything, or nothing. */
export class LyingWitness {
  readonly #server = createServer((request, response) => {
    this.asked += 1;
    request.resume();
    this.lie(request, response);
  });
  /** What it does when it is asked. */
  lie: Lie;
  /** Requests so far. */
  asked = 0;

  private constructor(lie: Lie) {
    this.lie = lie;
  }

  static async start(lie: Lie): Promise<LyingWitness> {
    const witness = new LyingWitness(lie);
    await new Promise<void>((resolve) => witness.#server.listen(0, '127.0.0.1', resolve));
    return witness;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
