import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { LogStandIn } from './testing/log-stand-in.ts';
import { openTurns, type Turns } from './testing/open-turns.ts';

const MICROSOFT = { tenantId: 'harbour', clientId: 'app', clientSecret: 'right' };

let standIn: LogStandIn;
let turns: Turns;
afterEach(async () => {
  await turns.close();
  await standIn.close();
});

/** Answers that are nearly what is expected, and answers that are nothing of the kind. */
const pages = (base: string) =>
  fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        value: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue(), { maxLength: 3 })),
        items: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue(), { maxLength: 3 })),
        nextPageToken: fc.oneof(fc.constant(''), fc.constant('p'), fc.integer()),
        '@odata.nextLink': fc.oneof(
          fc.constantFrom(`${base}/n`, '', 'x', 'http://127.0.0.1:9/', 'file:///etc/passwd'),
          fc.integer(),
        ),
        error: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
    fc.array(
      fc.record(
        {
          contentUri: fc.constantFrom(`${base}/b`, 'http://127.0.0.1:9/', '', 5),
          contentId: fc.constantFrom('b', 5),
          contentType: fc.constant('Audit.Exchange'),
          status: fc.constantFrom('enabled', 'disabled', null),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 3 },
    ),
  );
const statuses = fc.constantFrom(200, 200, 200, 204, 302, 400, 401, 403, 404, 410, 429, 500, 503);

describe('a service that answers anything at all', () => {
  for (const kind of ['graph-sign-ins', 'graph-audits', 'office-365', 'okta']) {
    it(`ends each turn of ${kind} with nothing or with what is wrong, said in words of ours`, async () => {
      standIn = await LogStandIn.open();
      const link = `<${standIn.base}/n>; rel="next"`;
      turns = await openTurns(
        { kind, url: standIn.base, tokenUrl: standIn.tokenUrl, backfillDays: 1 },
        kind === 'okta' ? { apiToken: 'okta-token' } : MICROSOFT,
      );
      let answers: { body: unknown; status: number }[] = [];
      standIn.add(() => {
        const given = answers.shift() ?? { body: [], status: 500 };
        return { ...given, headers: { link, NextPageUri: `${standIn.base}/n` } };
      });
      const answer = fc.record({ body: pages(standIn.base), status: statuses });
      await fc.assert(
        fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 6 }), async (given) => {
          answers = [...given];
          turns.clock.advanceMs(60_000);
          const { error } = await turns.turn();
          assert.ok(error === undefined || isCodedError(error), String(error));
          assert.notEqual((await turns.view()).error?.code, 'internal_error');
        }),
        { numRuns: 60 },
      );
    });
  }
});
