// Access to a service of others: OAuth client credentials (Microsoft), a signed assertion (Google), or a
// token of an administrator (Okta). The secret is read from its file whenever a token is asked for, so
// that it can be exchanged while the server runs; the access token lives in memory only.

import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, isCodedError } from '@countersign/vocabulary';
import { z } from 'zod';
import { type Reach, sendRequest } from '../outbound/send-request.ts';
import { pullError } from './pull-error.ts';
import { checkHost, type SourceSettings, serviceUrl } from './source-settings.ts';

const microsoftSecret = z.object({
  tenantId: z.string().regex(/^[A-Za-z0-9.-]{1,128}$/),
  clientId: z.string().min(1).max(256),
  clientSecret: z.string().min(1).max(1024),
});
const oktaSecret = z.object({ apiToken: z.string().regex(/^[A-Za-z0-9._~+/=-]{8,512}$/) });
const googleSecret = z.object({
  client_email: z.email().max(256),
  private_key: z.string().min(1).max(16_384),
});
const tokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,16384}$/),
  expires_in: z.coerce.number().int().min(1).max(86_400),
});

export interface AuthoriserParts {
  settings: SourceSettings;
  /** Where files with secrets lie. */
  secretsFolder: string;
  reach: Reach;
  clock: Clock;
}

/** Before its end: a request that is under way must not outlive its token. */
const EARLY_MS = 120_000;
const GOOGLE_SCOPE = 'https://www.googleapis.com/auth/admin.reports.audit.readonly';

export class Authoriser {
  readonly #parts: AuthoriserParts;
  #token: { header: string; untilMs: number } | undefined;

  constructor(parts: AuthoriserParts) {
    this.#parts = parts;
  }

  /** Value of the `authorization` header. @throws CodedError PullCode */
  async header(leaving: AbortSignal): Promise<string> {
    const { settings, clock } = this.#parts;
    if (settings.kind === 'okta') return `SSWS ${(await this.#secret(oktaSecret)).apiToken}`;
    if (this.#token === undefined || this.#token.untilMs <= clock.nowMs()) {
      this.#token = await this.#fetchToken(leaving);
    }
    return this.#token.header;
  }

  /** The service did not take it: the next one is fetched anew. */
  forget(): void {
    this.#token = undefined;
  }

  /** The directory whose logs are read. */
  async microsoftTenant(): Promise<string> {
    return (await this.#secret(microsoftSecret)).tenantId;
  }

  async #fetchToken(leaving: AbortSignal): Promise<{ header: string; untilMs: number }> {
    const { settings, reach, clock } = this.#parts;
    const { url, form } =
      settings.kind === 'google-reports' ? await this.#googleForm() : await this.#microsoftForm();
    checkHost(settings.kind, url, reach);
    const answer = await sendRequest(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: new URLSearchParams(form).toString(),
        maxBytes: 256 * 1024,
        leaving,
      },
      reach,
    );
    const { host } = new URL(url);
    if (answer.status >= 500 || answer.status === 429) {
      throw pullError('source_unreachable', `${host} gives no tokens now.`, {
        retryAfterSeconds: 30,
      });
    }
    if (answer.status !== 200) {
      // What it answers may repeat what it was sent: none of it is shown.
      throw pullError('source_refused', `${host} refused the credential: ${answer.status}.`);
    }
    const parsed = tokenAnswer.safeParse(parseJson(answer.body));
    if (!parsed.success) throw pullError('source_broken', `${host} did not answer with a token.`);
    const { access_token: token, expires_in: seconds } = parsed.data;
    const lifeMs = Math.max(seconds * 1000 - EARLY_MS, 1000);
    return { header: `Bearer ${token}`, untilMs: clock.nowMs() + lifeMs };
  }

  async #microsoftForm() {
    const { settings, reach } = this.#parts;
    const secret = await this.#secret(microsoftSecret);
    const { tenantId, clientId, clientSecret } = secret;
    return {
      url: settings.tokenUrl ?? `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
      form: {
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${serviceUrl(settings, reach)}/.default`,
      },
    };
  }

  async #googleForm() {
    const { settings, clock } = this.#parts;
    const secret = await this.#secret(googleSecret);
    const url = settings.tokenUrl ?? 'https://oauth2.googleapis.com/token';
    const seconds = Math.floor(clock.nowMs() / 1000);
    const claims = {
      ...{ iss: secret.client_email, aud: url, scope: GOOGLE_SCOPE, iat: seconds },
      exp: seconds + 3600,
      ...(settings.subject === undefined ? {} : { sub: settings.subject }),
    };
    const input = [{ alg: 'RS256', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = signWith(secret.private_key, input);
    return {
      url,
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: `${input}.${signature}`,
      },
    };
  }

  async #secret<Schema extends z.ZodType>(schema: Schema): Promise<z.output<Schema>> {
    const { settings, secretsFolder } = this.#parts;
    const place = `secrets/sources/${settings.secret}`;
    let text: string;
    try {
      text = await readFile(join(secretsFolder, settings.secret), 'utf8');
    } catch {
      throw pullError('source_secret', `There is no file ${place} that can be read.`);
    }
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    // The member is named, its value is not.
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw pullError(
      'source_secret',
      `${place} does not hold what ${settings.kind} needs: ${where}.`,
    );
  }
}

function signWith(pem: string, input: string): string {
  try {
    return sign('sha256', Buffer.from(input), createPrivateKey(pem)).toString('base64url');
  } catch (error) {
    if (isCodedError(error)) throw error;
    throw pullError('source_secret', 'The private key of the service account cannot be used.');
  }
}

function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
