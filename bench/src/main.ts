// `npm run bench [verify] [issue] [append]`: measures side by side, prints, writes
// docs/performance.md when all sections ran. Exit 0 also when a goal is missed: it says so.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appendSection } from './append/append-section.ts';
import { issueSection } from './issue/issue-section.ts';
import { describeMachine } from './measure.ts';
import { asMarkdown, asText, type Section } from './report.ts';
import { verifySection } from './verify/verify-section.ts';

const SECTIONS: Record<string, () => Promise<Section>> = {
  verify: verifySection,
  issue: issueSection,
  append: appendSection,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  console.error(
    `No such section: ${unknown.join(', ')}. There are: ${Object.keys(SECTIONS).join(', ')}.`,
  );
  process.exit(2);
}

console.log(describeMachine());
const sections: Section[] = [];
for (const [name, run] of Object.entries(SECTIONS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const section = await run();
  sections.push(section);
  console.log(asText(section));
}
if (asked.length === 0) {
  const page = join(import.meta.dirname, '../../docs/performance.md');
  const intro = [
    '# Performance',
    '',
    `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. Machine: ${describeMachine()}.`,
    'Contestants take turns in one run; medians are quoted. Ratios travel between machines, absolute numbers do not.',
    '',
  ];
  writeFileSync(page, `${[...intro, ...sections.map(asMarkdown)].join('\n').trimEnd()}\n`);
  console.log('\nWritten to docs/performance.md.');
}
process.exit(0);
