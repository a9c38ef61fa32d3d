// JSON or CSV, and with which separator, by how the text begins.

export type TextShape = { kind: 'json' } | { kind: 'csv'; delimiter: string };

const DELIMITERS = [',', ';', '\t', '|'] as const;

export function textShapeOf(head: Buffer, name: string): TextShape {
  const text = head.toString('utf8', 0, 16_384).replace(/^\ufeff/, '');
  const begin = text.trimStart();
  // A record that is JSON text begins with an escaped quote; a header of CSV never does.
  if (begin === '' || /^[{[]/.test(begin) || /^"\s*\{\s*\\"/.test(begin)) return { kind: 'json' };
  const line = headerLine(begin);
  const delimiter = DELIMITERS.map((one) => [one, line.split(one).length] as const).sort(
    ([, left], [, right]) => right - left,
  )[0];
  const isCsv = delimiter !== undefined && delimiter[1] > 1 && !line.includes('{');
  if (isCsv) return { kind: 'csv', delimiter: delimiter[0] };
  return /\.csv(\.gz|\.zst)?$/i.test(name) ? { kind: 'csv', delimiter: ',' } : { kind: 'json' };
}

/** PowerShell writes `#TYPE …` before the header and spreadsheets `sep=;`: neither is the header. */
function headerLine(text: string): string {
  const lines = text.split(/\r?\n/, 3);
  return lines.find((line) => !isPreamble(line)) ?? '';
}

export function isPreamble(line: string): boolean {
  return line.startsWith('#TYPE') || /^sep=.?$/i.test(line.trim());
}
