// Records to the server, in batches: reading goes on while one is under way. A batch that was not
// answered is sent again, because the server takes each record once however often it comes.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadRecord, SourceName } from '@countersign/sources';
import { isCodedError } from '@countersign/vocabulary';
import { cliError } from '../../cli-error.ts';
import { fetchJson } from '../../http/fetch-json.ts';
import { isObject } from '../../http/read-member.ts';

const MOST_RECORDS = 1000;
const MOST_CHARACTERS = 4 * 1024 * 1024;
const TRIES = 6;
const FIRST_PAUSE_MS = 500;
const TIMEOUT_MS = 120_000;

export interface SendOptions {
  server: URL;
  credential: string;
  tenant: string | undefined;
  source: SourceName | undefined;
}

export interface SentSums {
  run: string;
  recorded: number;
  known: number;
  unmapped: number;
  future: number;
  truncated: number;
  sources: Record<string, number>;
}

export class RecordSender {
  readonly sums: SentSums;
  readonly #options: SendOptions;
  #texts: string[] = [];
  #characters = 0;
  #underWay: Promise<void> = Promise.resolve();

  constructor(options: SendOptions) {
    this.#options = options;
    const run = randomBytes(12).toString('base64url');
    this.sums = { run, recorded: 0, known: 0, unmapped: 0, future: 0, truncated: 0, sources: {} };
  }

  async add({ text }: ReadRecord): Promise<void> {
    this.#texts.push(text);
    this.#characters += text.length;
    if (this.#texts.length < MOST_RECORDS && this.#characters < MOST_CHARACTERS) return;
    await this.#send({});
  }

  /** Sends what is left. @param unreadable records that could not be read, for the tenant to see */
  async finish(unreadable: number): Promise<void> {
    await this.#send({ unreadable, done: true });
    await this.#underWay;
  }

  async #send(more: { unreadable?: number; done?: boolean }): Promise<void> {
    const texts = this.#texts;
    this.#texts = [];
    this.#characters = 0;
    // One at a time, and one being read: memory is that of two batches.
    await this.#underWay;
    this.#underWay = this.#deliver({ ...more, records: texts.map((text) => ({ text })) });
    // Told of by whoever waits for it next.
    this.#underWay.catch(() => {});
  }

  async #deliver(batch: object): Promise<void> {
    const { server, credential, tenant, source } = this.#options;
    const url = new URL('/api/v1/imports', server);
    const given = { tenant, source, run: this.sums.run, ...batch };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const reply = await fetchJson(url, {
          ...{ credential, body: given, timeoutMs: TIMEOUT_MS },
          alsoStatus: [429, 503],
        });
        if (reply.status === 200) return this.#addUp(reply.body);
        if (attempt === TRIES) throw cliError('server_refused', `${url.host} is too busy.`);
      } catch (error) {
        const lost = isCodedError(error) && error.code === 'server_unreachable';
        if (!lost || attempt === TRIES) throw error;
      }
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    }
  }

  #addUp(body: unknown): void {
    if (!isObject(body)) throw cliError('answer_malformed', 'The server did not say what it took.');
    for (const name of ['recorded', 'known', 'unmapped', 'future', 'truncated'] as const) {
      this.sums[name] += Number(body[name] ?? 0);
    }
    const { sources } = body;
    if (!isObject(sources)) return;
    for (const [name, count] of Object.entries(sources)) {
      this.sums.sources[name] = (this.sums.sources[name] ?? 0) + Number(count);
    }
  }
}
