// Asks a server for an export and gives its bytes as they come. Waits for the first answer, and for each
// piece, only so long: an export may take hours, silence may not.

import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '@countersign/vocabulary';
import { cliError } from '../../cli-error.ts';
import { isLoopback } from '../../http/fetch-json.ts';

const LONGEST_SILENCE_MS = 60_000;
const LONGEST_PROBLEM_BYTES = 65_536;

export interface ExportQuestion {
  server: URL;
  credential: string;
  /** Why an operator reads what is a tenant's. */
  reason: string | undefined;
  parameters: Readonly<Record<string, string | undefined>>;
}

export interface ExportAnswer {
  /** Chain numbers of what is exported; the second is fixed when it begins. */
  from: number;
  to: number;
  chunks: AsyncIterable<Uint8Array>;
}

/** @throws CodedError `wrong_use`, `server_unreachable`, `server_refused`, `answer_malformed` */
export async function fetchExport(question: ExportQuestion): Promise<ExportAnswer> {
  const { server, credential, reason, parameters } = question;
  if (server.protocol !== 'https:' && !isLoopback(server)) {
    const message = `${server.origin} is plain HTTP on another machine: a credential is sent over https only.`;
    throw cliError('wrong_use', message);
  }
  const url = new URL('/api/v1/exports', server);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const silence = new AbortController();
  const heard = watchSilence(silence);
  const response = await fetch(url, {
    headers: {
      authorization: `Bearer ${credential}`,
      ...(reason === undefined ? {} : { 'countersign-reason': encodeURIComponent(reason) }),
    },
    redirect: 'error',
    signal: silence.signal,
  }).catch((error: unknown) => {
    heard.end();
    throw unreachable(server, error);
  });
  if (!response.ok) {
    heard.end();
    throw await refusalOf(server, response);
  }
  const [from, to] = [numberIn(response, 'countersign-from'), numberIn(response, 'countersign-to')];
  return { from, to, chunks: readChunks(server, response, heard) };
}

async function* readChunks(
  server: URL,
  response: Response,
  heard: { now(): void; end(): void },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) {
      heard.now();
      yield chunk;
    }
  } catch (error) {
    throw isCodedError(error) ? error : unreachable(server, error);
  } finally {
    heard.end();
  }
}

function watchSilence(controller: AbortController): { now(): void; end(): void } {
  let heardMs = performance.now();
  let ended = false;
  const watch = async (): Promise<void> => {
    while (!ended) {
      await sleep(1_000, undefined, { ref: false });
      if (performance.now() - heardMs > LONGEST_SILENCE_MS) controller.abort();
    }
  };
  void watch();
  return {
    now: () => {
      heardMs = performance.now();
    },
    end: () => {
      ended = true;
    },
  };
}

function numberIn(response: Response, header: string): number {
  const number = Number(response.headers.get(header) ?? Number.NaN);
  if (Number.isSafeInteger(number)) return number;
  throw cliError('answer_malformed', `The answer has no ${header}: is that a Countersign server?`);
}

async function refusalOf(server: URL, response: Response): Promise<Error> {
  // An answer that breaks off is a refusal all the same, without its reason.
  const text = (await response.text().catch(() => '')).slice(0, LONGEST_PROBLEM_BYTES);
  const title = /"title":"((?:[^"\\]|\\.){1,2000})"/.exec(text)?.[1] ?? 'no reason given';
  return cliError('server_refused', `${server.host} refused (${response.status}): ${title}`);
}

function unreachable(server: URL, error: unknown): Error {
  const reason = error instanceof Error ? error.message : 'the connection failed';
  return cliError('server_unreachable', `${server.origin} cannot be reached: ${reason}.`, error);
}
