// What every command about keys begins with: which server, in whose name, and which issuer or key is
// meant. Keys are named by the beginning of their kid, issuers by their realm.

import { cliError } from '../cli-error.ts';
import { fetchJson, type JsonReply, type JsonRequest, parseBaseUrl } from '../http/fetch-json.ts';
import { readOperatorToken } from '../http/operator-token.ts';
import { isObject, type JsonObject, listIn, textIn } from '../http/read-member.ts';
import { type OperatorOptions, serverUrl } from '../http/server-option.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';

export interface Asking {
  server: URL;
  /** Asks `/api/v1` + path as the operator. @throws CodedError as `fetchJson` */
  ask(path: string, request?: Omit<JsonRequest, 'credential'>): Promise<JsonReply>;
}

/** @throws CodedError `wrong_use`, `credential_missing` */
export function openAsking(world: CliWorld, options: OperatorOptions): Asking {
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const credential = readOperatorToken(world, options.tokenFile);
  world.progress.say(`asking ${server.host}`);
  return {
    server,
    ask: (path, request = {}) =>
      fetchJson(new URL(`/api/v1${path}`, server), { ...request, credential }),
  };
}

/** A list of keys as the server gives it, all pages of it. */
export interface KeyList {
  keys: JsonObject[];
  /** The server's clock. */
  atMs: number;
  rotator: JsonObject;
}

const PAGE = 1000;

/** @param query of the first page: `issuer`, `kid` */
export async function fetchKeys(
  { ask }: Asking,
  query: Readonly<Record<string, string>> = {},
): Promise<KeyList> {
  const keys: JsonObject[] = [];
  for (let after = ''; ; ) {
    const page = new URLSearchParams({ ...query, after, limit: String(PAGE) });
    const { body } = await ask(`/keys?${page}`);
    keys.push(...listIn(body, 'keys'));
    const { atMs, next, rotator } = isObject(body) ? body : {};
    if (typeof next !== 'string') {
      const now = typeof atMs === 'number' ? atMs : Date.now();
      return { keys, atMs: now, rotator: isObject(rotator) ? rotator : {} };
    }
    // A server that does not go on must not keep us asking.
    if (next <= after) throw cliError('answer_malformed', 'The server lists keys without end.');
    after = next;
  }
}

const SHORTEST_PREFIX = 8;

/** The one key whose kid is, or begins with, what was typed. @throws CodedError `wrong_use` */
export async function findKey(asking: Asking, typed: string): Promise<JsonObject> {
  if (typed.length < SHORTEST_PREFIX)
    throw cliError('wrong_use', `Name a key by at least ${SHORTEST_PREFIX} characters of its kid.`);
  const { keys } = await fetchKeys(asking, { kid: typed });
  const exact = keys.find((key) => key['kid'] === typed);
  const [first, second] = keys;
  if (exact !== undefined) return exact;
  if (first === undefined)
    throw cliError('wrong_use', `No key begins with "${typed}"; countersign keys list --all.`);
  if (second === undefined) return first;
  const names = keys.slice(0, 10).map((key) => `${textIn(key, 'kid')} of ${textIn(key, 'issuer')}`);
  const more = keys.length > names.length ? ` and ${keys.length - names.length} more` : '';
  throw cliError(
    'wrong_use',
    printable(`"${typed}" could be any of ${keys.length} keys: ${names.join(', ')}${more}.`),
  );
}

/** `acme/customer` is the issuer of that realm at the server; a URL is taken as it is. */
export function issuerFrom({ server }: Pick<Asking, 'server'>, typed: string): string {
  if (typed.includes('://')) return typed;
  if (!/^[a-z0-9-]+\/[a-z]+$/.test(typed))
    throw cliError('wrong_use', `"${typed}" is neither a realm such as acme/customer nor a URL.`);
  return `${server.origin}/${typed}`;
}

/** @throws CodedError `not_confirmed` */
export async function confirmed(
  world: CliWorld,
  { yes = false }: { yes?: boolean },
  question: string,
): Promise<void> {
  if (yes) return;
  world.progress.clear();
  if (!(await world.confirm(printable(question))))
    throw cliError('not_confirmed', 'Nothing was done.');
}
