// Settings from countersign.yaml and COUNTERSIGN_* (the environment wins). An unknown or bad
// setting stops the start and names the line and the fix: a misspelt security setting that is
// silently ignored is worse than none.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CustodySettings, KeySchedule } from '@countersign/keys';
import type { SecretSource } from '@countersign/pipe';
import { CodedError } from '@countersign/vocabulary';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type ArchiveSettings, archiveSchema, readArchive } from './read-archive.ts';
import { custodySchema, readCustody, readPassphraseSource } from './read-custody.ts';
import { keySettingsSchema, readKeySettings } from './read-key-settings.ts';
import { type ProxySettings, proxySchema, readProxy } from './read-proxy.ts';
import { type RiskSettingsOfHouse, readRisk, riskSchema } from './read-risk.ts';
import { readSecondLog, type SecondLog } from './read-second-log.ts';
import { readSigners, SIGNER_ADDRESS, type SignerPlaces } from './read-signers.ts';
import { readWatchdog, type WatchdogSettings } from './read-watchdog.ts';
import { readWitnessPolicy, type WitnessPolicy } from './read-witness-policy.ts';

const signerAddress = z
  .string()
  .max(512)
  .regex(SIGNER_ADDRESS, 'neither "local" nor tls://HOST:PORT');

/** Every key of countersign.yaml, documented. */
const fileSchema = z.strictObject({
  /** Where people and resource servers reach this server; part of every issuer name. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** Folder of everything the server stores. Relative to the working folder. */
  data: z.string().min(1).max(1024).optional(),
  /** Where it listens. Defaults to loopback and the port of `url`. */
  listen: z
    .strictObject({
      host: z.string().min(1).optional(),
      port: z.int().min(0).max(65535).optional(),
    })
    .optional(),
  /** File with the passphrase that opens the private keys. Default: made in DATA/secrets. */
  keyPassphraseFile: z.string().min(1).max(1024).optional(),
  /** Name of a systemd credential that is this passphrase. */
  keyPassphraseCredential: z.string().min(1).max(255).optional(),
  /** An inherited descriptor that it is read from, once. */
  keyPassphraseFd: z.int().optional(),
  /** Who holds the private keys: this machine's software, a token (PKCS#11), AWS KMS. */
  custody: custodySchema.optional(),
  /** File with a tlog-policy: the witnesses of our log, where they are asked, and the quorum. */
  witnesses: z.string().min(1).max(1024).optional(),
  /** A second log: `local`, or `tls://HOST:PORT` of a notary on another host. Default: none. */
  secondLog: z.string().min(1).max(512).optional(),
  /** Folder with certificate.pem, key.pem and authority.pem, to reach that notary. */
  secondLogTls: z.string().min(1).max(1024).optional(),
  /** Where everybody reads that log. */
  secondLogUrl: z.string().min(1).max(512).optional(),
  /** Where the signer is: `local` (default), or `tls://HOST:PORT` of one on another host. */
  signer: signerAddress.optional(),
  /** Folder with certificate.pem, key.pem and authority.pem, to reach it. */
  signerTls: z.string().min(1).max(1024).optional(),
  /** A second signer, with keys of its own, which signs while the first is away. Default: none. */
  secondSigner: signerAddress.optional(),
  secondSignerTls: z.string().min(1).max(1024).optional(),
  /** How old keys may become and when they are turned over. */
  keys: keySettingsSchema.optional(),
  /** How often the watchdog looks at keys, JWKS, log and rotator, in seconds. Default 10, at most 60. */
  watchdogEverySeconds: z.number().optional(),
  /** Told of each alarm of the watchdog by POST: https, or http on this machine. Default: nobody. */
  watchdogWebhook: z.string().min(1).max(2048).optional(),
  /** When the archive seals, what stays beside it, and the memory it may take. */
  archive: archiveSchema.optional(),
  /** Proxies in front of the server, and in which headers they say where a request came from. */
  proxy: proxySchema.optional(),
  /** Who made the model of risk, how often it may disturb, what is done where nobody has said. */
  risk: riskSchema.optional(),
  /** Whether a first start seeds the tenant `acme`. Default true. */
  seed: z.boolean().optional(),
});

const ENVIRONMENT = {
  COUNTERSIGN_URL: 'url',
  COUNTERSIGN_DATA: 'data',
  COUNTERSIGN_KEY_PASSPHRASE_FILE: 'keyPassphraseFile',
  COUNTERSIGN_KEY_PASSPHRASE_CREDENTIAL: 'keyPassphraseCredential',
  COUNTERSIGN_KEY_PASSPHRASE_FD: 'keyPassphraseFd',
  COUNTERSIGN_WITNESSES: 'witnesses',
  COUNTERSIGN_SECOND_LOG: 'secondLog',
  COUNTERSIGN_SECOND_LOG_TLS: 'secondLogTls',
  COUNTERSIGN_SECOND_LOG_URL: 'secondLogUrl',
  COUNTERSIGN_KEY_PROFILE: 'keyProfile',
  COUNTERSIGN_KEY_KIND: 'keyKind',
  COUNTERSIGN_KEY_SCHEDULE: 'keySchedule',
  COUNTERSIGN_WATCHDOG_EVERY_SECONDS: 'watchdogEverySeconds',
  COUNTERSIGN_WATCHDOG_WEBHOOK: 'watchdogWebhook',
  COUNTERSIGN_ARCHIVE_SEAL_EVERY_SECONDS: 'archiveSealEverySeconds',
  COUNTERSIGN_SIGNER: 'signer',
  COUNTERSIGN_SIGNER_TLS: 'signerTls',
  COUNTERSIGN_SECOND_SIGNER: 'secondSigner',
  COUNTERSIGN_SECOND_SIGNER_TLS: 'secondSignerTls',
} as const;
// Read elsewhere, or by the command line client.
const OTHER_NAMES: ReadonlySet<string> = new Set([
  'COUNTERSIGN_CONFIG',
  'COUNTERSIGN_TOKEN_FILE',
  'COUNTERSIGN_LOG_LEVEL',
]);
const NOT_YET: ReadonlySet<string> = new Set(['COUNTERSIGN_DATABASE_URL', 'COUNTERSIGN_NATS_URL']);

export interface Settings {
  /** Without a trailing slash. */
  readonly url: string;
  /** Absolute. */
  readonly data: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Undefined: the one that is made in the data folder. */
  readonly keyPassphrase: SecretSource | undefined;
  readonly custody: CustodySettings;
  /** Without it nobody is asked to witness the log. */
  readonly witnesses: WitnessPolicy | undefined;
  /** Without it there is one log. */
  readonly secondLog: SecondLog | undefined;
  readonly signers: SignerPlaces;
  readonly keySchedule: KeySchedule;
  readonly watchdog: WatchdogSettings;
  readonly archive: ArchiveSettings;
  /** Undefined: no proxy is trusted, and no header that only one may send is read. */
  readonly proxy: ProxySettings | undefined;
  readonly risk: RiskSettingsOfHouse;
  readonly seed: boolean;
}

export type SettingsRefusal = 'bad_setting';

/** @throws CodedError `bad_setting` with a message that names the place and the fix. */
export function readSettings(environment: NodeJS.ProcessEnv, workingFolder: string): Settings {
  const file = readSettingsFile(environment['COUNTERSIGN_CONFIG'], workingFolder);
  const merged = { ...file, ...readEnvironment(environment) };
  const url = (merged.url ?? 'http://localhost:4600').replace(/\/+$/, '');
  const parsed = checkUrl(url);
  const urlPort =
    parsed.port === '' ? (parsed.protocol === 'https:' ? 443 : 80) : Number(parsed.port);
  return {
    url,
    data: resolve(workingFolder, merged.data ?? '.countersign'),
    listen: { host: merged.listen?.host ?? '127.0.0.1', port: merged.listen?.port ?? urlPort },
    keyPassphrase: readPassphraseSource(merged, workingFolder),
    custody: readCustody(merged.custody, workingFolder),
    witnesses: openPolicy(pathOf(merged.witnesses, workingFolder)),
    secondLog: readSecondLog(merged, workingFolder),
    signers: readSigners(merged, workingFolder),
    keySchedule: readKeySettings(merged),
    watchdog: readWatchdog(merged),
    archive: readArchive(merged),
    proxy: readProxy(merged),
    risk: readRisk(merged, workingFolder),
    seed: merged.seed ?? true,
  };
}

function pathOf(path: string | undefined, workingFolder: string): string | undefined {
  return path === undefined ? undefined : resolve(workingFolder, path);
}

function openPolicy(path: string | undefined): WitnessPolicy | undefined {
  return path === undefined ? undefined : readWitnessPolicy(path);
}

function checkUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw bad(`url: "${text}" is not an http or https URL.`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw bad('url: give scheme, host and port only; issuers add their own path.');
  }
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !loopback)
    throw bad('url: plain http is for loopback only; use https.');
  return url;
}

type NamedSettings = Partial<Record<(typeof ENVIRONMENT)[keyof typeof ENVIRONMENT], string>>;

function readEnvironment(environment: NodeJS.ProcessEnv): NamedSettings {
  const found: NamedSettings = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('COUNTERSIGN_') || OTHER_NAMES.has(name)) continue;
    if (NOT_YET.has(name))
      throw bad(`${name}: this version keeps everything in the embedded store; unset it.`);
    const key = ENVIRONMENT[name as keyof typeof ENVIRONMENT];
    if (key === undefined)
      throw bad(
        `${name}: no such setting. Known: ${[...Object.keys(ENVIRONMENT), ...OTHER_NAMES].join(', ')}.`,
      );
    if (value !== undefined && value !== '') found[key] = value;
  }
  return found;
}

function readSettingsFile(
  named: string | undefined,
  workingFolder: string,
): z.infer<typeof fileSchema> {
  const path = resolve(workingFolder, named ?? 'countersign.yaml');
  if (!existsSync(path)) {
    if (named !== undefined) throw bad(`COUNTERSIGN_CONFIG: there is no file ${path}.`);
    return {};
  }
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), {
    lineCounter: lines,
    uniqueKeys: true,
  });
  const [syntax] = document.errors;
  if (syntax !== undefined)
    throw bad(`${path}:${lines.linePos(syntax.pos[0]).line}: ${syntax.message}`);
  const result = fileSchema.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const keys =
    issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : (issue?.path ?? []);
  const node = document.getIn(
    keys.filter((key) => typeof key !== 'symbol'),
    true,
  );
  const range =
    typeof node === 'object' && node !== null && 'range' in node
      ? (node.range as [number] | null)
      : null;
  const line = range == null ? 1 : lines.linePos(range[0]).line;
  throw bad(
    `${path}:${line}: ${keys.join('.')}: ${issue?.message ?? 'not understood'}. Known keys: ${Object.keys(fileSchema.shape).join(', ')}.`,
  );
}

function bad(message: string): CodedError<SettingsRefusal> {
  return new CodedError('bad_setting', message);
}
