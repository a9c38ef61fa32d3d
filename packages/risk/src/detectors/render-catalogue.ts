// The catalogue of detectors as a page; `node packages/risk/src/detectors/render-catalogue.ts` writes it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DETECTORS } from './catalogue.ts';

export const DETECTORS_FILE = join(import.meta.dirname, '../../DETECTORS.md');

const HEAD = `# Detectors

Rules that look for one thing each and say it by a stable code. Made from
\`packages/risk/src/detectors/catalogue.ts\`; a test holds this page to it. *Budget* is the share of
legitimate acts a detector is allowed to fire on: it enters the score as that tail probability, so that
a rare thing weighs more than a common one. *Entra* is the \`riskEventType\` of Microsoft Entra ID
Protection with the same meaning, where there is one.
`;

export function renderDetectors(): string {
  const rows = DETECTORS.map(({ code, entra, subjects, kinds, tail }) =>
    [
      `| \`${code}\` | ${entra === undefined ? '' : `\`${entra}\``}`,
      `${subjects.length === 4 ? 'all' : subjects.join(', ')}`,
      `${kinds.length === 5 ? 'all' : kinds.join(', ')} | ${tail * 100} % |`,
    ].join(' | '),
  );
  const parts = DETECTORS.map(
    ({ code, about, limits }) => `### ${code}\n\n${about}\n\n*Limits.* ${limits}\n`,
  );
  return [
    HEAD,
    ['| code | Entra | who | when | budget |', '|---|---|---|---|---|', ...rows].join('\n'),
    '',
    parts.join('\n'),
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) writeFileSync(DETECTORS_FILE, renderDetectors());
