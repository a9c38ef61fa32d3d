// What a sink is told when it is made. Secrets come beside the settings, are kept in files, and are in
// no answer ever after.

import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ }).max(512);
const text = z.string().min(1).max(256);
/** No character that could begin another header or line. */
const plain = z.string().regex(/^[\x21-\x7e]{1,512}$/, 'is 1 to 512 visible ASCII characters');
const pem = z.string().startsWith('-----BEGIN ').max(65_536);

export const sinkSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url }),
  z.strictObject({
    kind: z.literal('syslog'),
    host: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'is a host name or an address'),
    port: z.int().min(1).max(65_535).default(6514),
    /** Authority that signed the receiver's certificate, where it is no public one. */
    ca: pem.optional(),
  }),
  z.strictObject({
    kind: z.literal('splunk'),
    /** Up to and without `/services/collector`. */
    url,
    index: text.optional(),
    /** True where the token has indexer acknowledgement on: an event counts when it is indexed. */
    acknowledged: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('elastic'), url, index: text }),
  z.strictObject({
    kind: z.literal('s3'),
    /** Of S3 itself when absent. */
    endpoint: url.optional(),
    region: text.default('us-east-1'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,62}$/, 'is a bucket name'),
    prefix: z.string().max(256).default(''),
  }),
]);
export type SinkSettings = z.infer<typeof sinkSettings>;

const secrets = {
  /** Made here when it is not given. */
  webhook: z.strictObject({ key: z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/) }).optional(),
  syslog: z.strictObject({ certificate: pem, key: pem }).optional(),
  splunk: z.strictObject({ token: plain }),
  elastic: z.union([
    z.strictObject({ apiKey: plain }),
    z.strictObject({ username: plain, password: plain }),
  ]),
  s3: z.strictObject({ accessKeyId: plain, secretAccessKey: plain }),
} as const;

export type SinkSecret<Kind extends SinkSettings['kind']> = z.infer<(typeof secrets)[Kind]>;

export function secretSchema(kind: SinkSettings['kind']): z.ZodType {
  return secrets[kind];
}
