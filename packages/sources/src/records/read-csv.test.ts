import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAll } from '../testing/read-all.ts';

const AUDIT = '{"Id":"1","Operation":"Send"}';
const cell = `"${AUDIT.replaceAll('"', '""')}"`;
const header = 'CreationDate,UserIds,AuditData';
const row = (name: string) => `2026-01-02,${name},${cell}`;
const names = async (text: string | Buffer, name = 'a.csv') => {
  const { records, problems } = await readAll(text, { name, piece: 11 });
  return [
    records.map(({ record }) => record['UserIds']),
    problems.map(({ line, code }) => `${line} ${code}`),
  ];
};

test('a row is an object of texts by the names of the header; JSON in a column stays text', async () => {
  const { records, problems } = await readAll(`${header}\n${row('ann')}\n2026-01-02,,\n`);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    records.map(({ record, line }) => [record, line]),
    [
      [{ CreationDate: '2026-01-02', UserIds: 'ann', AuditData: AUDIT }, 2],
      [{ CreationDate: '2026-01-02' }, 3],
    ],
  );
  assert.deepEqual(JSON.parse(records[0]?.text ?? ''), records[0]?.record);
});

test('rows that end in another way than the header are read as the others', async () => {
  const text = `${header}\n${row('ann')}\r\n${row('bob')}\n${row('eve')}\r\n`;
  const { records, problems } = await readAll(text, { name: 'a.csv', piece: 11 });
  assert.deepEqual(problems, []);
  for (const { record } of records) assert.equal(record['AuditData'], AUDIT);
  assert.equal(records.length, 3);
  assert.deepEqual(await names('CreationDate,UserIds\r2026,ann\r2026,bob\r'), [['ann', 'bob'], []]);
});

test('other separators, marks and preambles of spreadsheets and PowerShell are read', async () => {
  for (const text of [
    `\ufeff"CreationDate";"UserIds";"x"\r\n"2026";"ann";"1"\r\n`,
    'sep=;\nCreationDate;UserIds\n2026;ann\n',
    '#TYPE Selected.System.Object\nCreationDate,UserIds\n2026,ann\n',
    'CreationDate\tUserIds\n2026\tann\n',
    Buffer.from('\ufeffCreationDate,UserIds\n2026,ann\n', 'utf16le'),
  ]) {
    assert.deepEqual(await names(text, 'export'), [['ann'], []]);
  }
});

test('an export that was joined to another has its header again, which is no record', async () => {
  const once = `${header}\n${row('ann')}\n`;
  assert.deepEqual(await names(once + once), [['ann', 'ann'], ['3 csv_header_again']]);
});

test('a row with other columns is kept and told of', async () => {
  assert.deepEqual(await names(`${header}\n2026,ann\n2026,ben,{},more\n${row('cy')}\n`), [
    ['ann', 'ben', 'cy'],
    ['2 csv_columns_differ', '3 csv_columns_differ'],
  ]);
});

test('a line end within quotes is part of the text; the line told of is where the row begins', async () => {
  const { records } = await readAll(`${header}\n"a\nb",ann,x\n2026,ben,y\n`);
  assert.deepEqual(
    records.map(({ record, line }) => [record['CreationDate'], line]),
    [
      ['a\nb', 2],
      ['2026', 4],
    ],
  );
});

test('an export that was cut within quotes gives the rows before the cut', async () => {
  assert.deepEqual(await names(`${header}\n${row('ann')}\n2026,ben,"{""Id`), [
    ['ann'],
    ['3 csv_row_bad'],
  ]);
});

test('a line of Windows-1252 does not change the others', async () => {
  const text = Buffer.concat([
    Buffer.from('CreationDate,UserIds\n2026,Zoë\n'),
    Buffer.from('2026,Zoë\n', 'latin1'),
    Buffer.from('2026,Zoë'),
  ]);
  assert.deepEqual(await names(text), [['Zoë', 'Zoë', 'Zoë'], ['3 not_utf8']]);
});

test('a column that has a name twice keeps both values', async () => {
  const { records } = await readAll('a,a,b\n1,2,3\n');
  assert.deepEqual(records[0]?.record, { a: '1', a_: '2', b: '3' });
});
