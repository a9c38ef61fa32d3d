// What a benchmark section returns and how it becomes docs/performance.md and a terminal table.

export interface Row {
  cells: (string | number)[];
}

export interface Goal {
  what: string;
  goal: string;
  measured: string;
  met: boolean;
}

export interface Section {
  title: string;
  /** What was done, in two or three sentences, with what it leaves out. */
  method: string;
  header: string[];
  rows: Row[];
  goals: Goal[];
  /** What limits the result and how near we are to it. */
  limit: string;
}

const show = (cell: string | number): string =>
  typeof cell === 'string'
    ? cell
    : cell >= 1000
      ? Math.round(cell).toLocaleString('en-US')
      : cell >= 100
        ? cell.toFixed(0)
        : cell.toFixed(2);

/**
 * The page with these sections in the place of older ones of their titles; new ones go to the end,
 * and what was not measured this time stays with the date it has.
 */
export function writePage(
  page: string,
  sections: readonly Section[],
  today: string,
  machine: string,
): string {
  const [, ...kept] = page.split(/^(?=## )/m);
  const titleOf = (text: string): string => text.slice(3, text.indexOf('\n'));
  const measured = new Map(kept.map((text) => [titleOf(text), text]));
  for (const section of sections) measured.set(section.title, asMarkdown(section, today));
  const intro = [
    '# Performance',
    '',
    `Written by \`npm run bench\`. Machine: ${machine}.`,
    'Contestants take turns in one run; medians are quoted. Ratios travel between machines, absolute numbers do not.',
    '',
  ].join('\n');
  const body = [...measured.values()].map((text) => text.trimEnd()).join('\n\n');
  return `${intro}\n${body}\n`;
}

function asMarkdown(section: Section, today: string): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const table = [
    line(section.header),
    line(section.header.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...section.rows.map(({ cells }) => line(cells.map(show))),
  ];
  const goals = section.goals.map(({ what, goal, measured, met }) =>
    line([what, goal, measured, met ? 'met' : '**short**']),
  );
  return [
    `## ${section.title}`,
    '',
    `Measured ${today}. ${section.method}`,
    '',
    ...table,
    '',
    line(['goal', 'wanted', 'measured', '']),
    line(['---', '---:', '---:', '---']),
    ...goals,
    '',
    `**Limit.** ${section.limit}`,
    '',
  ].join('\n');
}

export function asText(section: Section): string {
  const rows = [section.header, ...section.rows.map(({ cells }) => cells.map(show))];
  const widths = section.header.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const goals = section.goals.map(
    ({ what, goal, measured, met }) =>
      `  ${met ? 'met  ' : 'SHORT'}  ${what}: wanted ${goal}, measured ${measured}`,
  );
  return ['', section.title, '-'.repeat(section.title.length), ...rows.map(line), ...goals].join(
    '\n',
  );
}
