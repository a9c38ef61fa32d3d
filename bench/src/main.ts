// `npm run bench [verify] [issue] [append] [scan] [audit-verify] [audit-import] [audit-ingest] [audit-search]
// [append-long] [rotate] [learner] [risk] [risk-trial] [context] [--write]`:
// measures side by side, prints, and writes docs/performance.md when no section was named or `--write`
// was. Without names all sections run but those that take minutes. Exit 0 also when a goal is missed:
// it says so.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appendSection } from './append/append-section.ts';
import { longSection } from './append/long-section.ts';
import { auditImportSection } from './audit-import/import-section.ts';
import { auditIngestSection } from './audit-ingest/ingest-section.ts';
import { auditSearchSection } from './audit-search/search-section.ts';
import { auditVerifySection } from './audit-verify/verify-bundle-section.ts';
import { contextSection } from './context/context-section.ts';
import { issueSection } from './issue/issue-section.ts';
import { learnerSection } from './learner/learner-section.ts';
import { describeMachine } from './measure.ts';
import { asText, type Section, writePage } from './report.ts';
import { riskSection } from './risk/risk-section.ts';
import { trialSection } from './risk-trial/trial-section.ts';
import { rotateSection } from './rotate/rotate-section.ts';
import { scanSection } from './scan/scan-section.ts';
import { verifySection } from './verify/verify-section.ts';

const SECTIONS: Record<string, () => Promise<Section>> = {
  verify: verifySection,
  issue: issueSection,
  append: appendSection,
  scan: scanSection,
  'audit-verify': auditVerifySection,
  'audit-ingest': auditIngestSection,
  'audit-search': auditSearchSection,
  'audit-import': auditImportSection,
  'append-long': longSection,
  rotate: rotateSection,
  risk: riskSection,
  'risk-trial': trialSection,
  learner: learnerSection,
  context: contextSection,
};
const BY_NAME_ONLY = [
  'append-long',
  'rotate',
  'audit-ingest',
  'audit-search',
  'learner',
  'risk-trial',
];

const [named, options] = [false, true].map((option) =>
  process.argv.slice(2).filter((word) => word.startsWith('--') === option),
) as [string[], string[]];
const unknown = [
  ...named.filter((name) => !(name in SECTIONS)),
  ...options.filter((option) => option !== '--write'),
];
if (unknown.length > 0) {
  console.error(
    `Not known: ${unknown.join(', ')}. There are: ${Object.keys(SECTIONS).join(', ')}, --write.`,
  );
  process.exit(2);
}

console.log(describeMachine());
const sections: Section[] = [];
for (const [name, run] of Object.entries(SECTIONS)) {
  if (named.length > 0 ? !named.includes(name) : BY_NAME_ONLY.includes(name)) continue;
  const section = await run();
  sections.push(section);
  console.log(asText(section));
}
if (named.length === 0 || options.includes('--write')) {
  const page = join(import.meta.dirname, '../../docs/performance.md');
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(page, writePage(readFileSync(page, 'utf8'), sections, today, describeMachine()));
  console.log('\nWritten to docs/performance.md.');
}
process.exit(0);
