import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { REASONS } from './reason-catalogue.ts';

const FILE = new URL('../../REASONS.md', import.meta.url);

const INTRO = `# Reasons

Made from \`src/reasons/reason-catalogue.ts\` by its test (\`RENDER=1 npm test -- reason-document\`).

An assessment gives at most three reasons, the weightiest first. Codes are stable: new ones may come, none changes
its meaning. When a detector is a reason, the code is the detector's own (DETECTORS.md). Sentences are for people and
may be worded better at any time. What stands in them of a client is cut to 40 characters and stripped of everything
that is not text.

| code | about | said when | for example |
|---|---|---|---|
`;

function render(): string {
  const rows = Object.entries(REASONS).map(
    ([code, { group, meaning, example }]) => `| \`${code}\` | ${group} | ${meaning} | ${example} |`,
  );
  return `${INTRO}${rows.join('\n')}\n`;
}

describe('the catalogue of reasons', () => {
  it('is what REASONS.md says', () => {
    if (process.env['RENDER'] === '1') writeFileSync(FILE, render());
    assert.equal(readFileSync(FILE, 'utf8'), render());
  });

  it('has codes that fit a rule and sentences that end', () => {
    for (const [code, { meaning, example }] of Object.entries(REASONS)) {
      assert.match(code, /^[a-z]+(_[a-z]+)*$/);
      assert.match(meaning, /^[A-Z].+\.$/);
      assert.match(example, /^[A-Z].+\.$/);
    }
  });
});
