// The rest of the house's only way to a signature. Refusals arrive as CodedErrors with the
// signer's codes; a signer that is gone arrives as `signer_unavailable`.

import type { PipeClient } from '@countersign/pipe';
import { isCodedError } from '@countersign/vocabulary';
import { z } from 'zod';
import { type AccessPage, accessEntrySchema } from '../access/access-record.ts';
import { custodyKindSchema } from '../custody/custody.ts';
import { publicJwkSchema } from '../custody/public-jwk.ts';
import type { JournalEntry } from '../journal/read-entries.ts';
import { signerRefusal } from '../keys-error.ts';
import { type KeyState, REASON_LIMIT } from '../life/key-life.ts';
import { keyLifeSchema } from '../life/life-book.ts';
import type { PublicKeyRecord } from '../life/public-key-record.ts';
import {
  type KeyScope,
  keyScopeSchema,
  parseKeyScope,
  type SignatureAlg,
  signatureAlgSchema,
} from '../scope/key-scope.ts';
import type {
  ChangeKeyOptions,
  ListKeysOptions,
  MakeKeyOptions,
  SignerStatus,
  WhoAsks,
} from '../signing/signer.ts';
import {
  decodeJson,
  decodeSignAnswer,
  encodeJson,
  encodeSignRequest,
  SIGNER_OP,
  type SignAnswer,
} from './messages.ts';

export interface WhichSigner {
  /** Of several signers, the one of this name. Default: the first. Without a meaning where there is one. */
  signer?: string;
}

export interface SignerClient {
  /**
   * Signs `header.payload` with a key, if its scope allows; the number is durable first.
   * @throws CodedError with a `SignerRefusal` code
   */
  sign(kid: string, signingInput: Uint8Array): Promise<SignAnswer>;
  /**
   * A new key in the state `planned`; it signs once it is `active`.
   * @throws CodedError `scope_malformed`, `scope_conflict`, `key_limit`, `custody_unsupported`, …
   */
  makeKey(
    alg: SignatureAlg,
    scope: KeyScope,
    options?: MakeKeyOptions & WhichSigner,
  ): Promise<PublicKeyRecord>;
  /**
   * Moves a key on in its life, durably; idempotent.
   * @throws CodedError `unknown_key`, `life_conflict` when the state may not follow, `journal_full`
   */
  changeKey(kid: string, to: KeyState, options?: ChangeKeyOptions): Promise<PublicKeyRecord>;
  /** Every key, or every key of one issuer; old ones included, unless `wanted` says otherwise. */
  listKeys(issuer?: string, wanted?: ListKeysOptions): Promise<PublicKeyRecord[]>;
  /** Up to `limit` (at most 1000) entries from `fromNumber` on. */
  readJournal(
    fromNumber: number,
    limit: number,
  ): Promise<{ entries: JournalEntry[]; lastNumber: number }>;
  /** Who touched the keys, besides signing: lines from `fromNumber` on, at most `limit` and 1000. */
  readAccess(fromNumber: number, limit: number): Promise<AccessPage>;
  status(): Promise<SignerStatus>;
  /** Resolves when the signer answers; waits for as long as the pipe does. */
  ready(): Promise<void>;
  close(): void;
}

const recordSchema = z.strictObject({
  kid: z.string(),
  alg: signatureAlgSchema,
  scope: keyScopeSchema.transform(parseKeyScope),
  publicJwk: publicJwkSchema,
  createdMs: z.int(),
  life: keyLifeSchema,
  custody: custodyKindSchema,
  counts: z.strictObject({
    journalled: z.int(),
    sinceStart: z.int(),
    made: z.int(),
    failed: z.int(),
  }),
});
const keysSchema = z.strictObject({ keys: z.array(recordSchema), next: z.int().nullable() });
const entriesSchema = z.strictObject({
  entries: z.array(
    z.strictObject({
      number: z.int(),
      keyNumber: z.int(),
      kid: z.string(),
      timeMs: z.int(),
      signingInputHash: z.string(),
    }),
  ),
  lastNumber: z.int(),
});
const accessSchema = z.strictObject({
  entries: z.array(accessEntrySchema.extend({ number: z.int() })),
  lastNumber: z.int(),
});
const statusSchema = z.strictObject({
  lastNumber: z.int(),
  keys: z.int(),
  cutAtOpen: z.boolean(),
  refusals: z.record(z.string(), z.int()),
  tripped: z.array(z.strictObject({ kid: z.string(), count: z.int(), lastMs: z.int() })),
});

export function createSignerClient(pipe: PipeClient): SignerClient {
  const ask = async (op: number, body: Uint8Array): Promise<Uint8Array> => {
    try {
      return await pipe.request(op, body);
    } catch (error) {
      throw translated(error);
    }
  };
  const askJson = async <T>(op: number, request: unknown, schema: z.ZodType<T>): Promise<T> =>
    decodeJson(await ask(op, encodeJson(request)), schema);
  const status = (): Promise<SignerStatus> => askJson(SIGNER_OP.status, {}, statusSchema);
  return {
    sign: async (kid, signingInput) =>
      decodeSignAnswer(await ask(SIGNER_OP.sign, encodeSignRequest(kid, signingInput))),
    makeKey: (alg, scope, { signer: _, ...options } = {}) =>
      askJson(SIGNER_OP.makeKey, { alg, scope, ...options, ...inOneLine(options) }, recordSchema),
    changeKey: (kid, to, options) =>
      askJson(SIGNER_OP.changeKey, { kid, to, ...options, ...inOneLine(options) }, recordSchema),
    listKeys: async (issuer, wanted = {}) => {
      const keys: PublicKeyRecord[] = [];
      for (let from: number | null = 0; from !== null; ) {
        const page: z.infer<typeof keysSchema> = await askJson(
          SIGNER_OP.listKeys,
          { from, ...(issuer === undefined ? {} : { issuer }), ...wanted },
          keysSchema,
        );
        keys.push(...page.keys);
        from = page.next;
      }
      return keys;
    },
    readJournal: (fromNumber, limit) =>
      askJson(SIGNER_OP.readJournal, { fromNumber, limit }, entriesSchema),
    readAccess: (fromNumber, limit) =>
      askJson(SIGNER_OP.readAccess, { fromNumber, limit }, accessSchema),
    status,
    ready: async () => {
      await status();
    },
    close: () => pipe.close(),
  };
}

/** A key must not go on signing because the reason to stop it was long, or came in two lines. */
function inOneLine({ by, reason }: WhoAsks = {}): WhoAsks {
  const clip = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').slice(0, REASON_LIMIT);
  return {
    ...(by === undefined ? {} : { by: clip(by) }),
    ...(reason === undefined ? {} : { reason: clip(reason) }),
  };
}

const GONE: ReadonlySet<string> = new Set(['peer_gone', 'peer_timeout', 'busy', 'bad_frame']);

/** The pipe's own refusals all mean the same to the caller: no signature now, perhaps later. */
function translated(error: unknown): unknown {
  if (!isCodedError(error) || !GONE.has(error.code)) return error;
  return signerRefusal('signer_unavailable', 'The signer does not answer; try again soon.', {
    cause: error,
    ...(error.retryAfterSeconds === undefined
      ? {}
      : { retryAfterSeconds: error.retryAfterSeconds }),
  });
}
