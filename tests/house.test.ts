// The rules of the house, and the proof that they can fail: a boundary rule that never fired is
// not a rule.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { FLOORS } from './house/floor-plan.ts';
import { judgeFile, type SourceFile } from './house/judge-file.ts';

const root = join(import.meta.dirname, '..');

function sourceFiles(): SourceFile[] {
  // Untracked files count too: the rule should bite before the commit.
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'],
    { cwd: root, encoding: 'utf8' },
  );
  return listed
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

describe('the house', () => {
  const files = sourceFiles();

  it('has files to judge', () => {
    assert.ok(files.length > 50, `only ${files.length} files found: the listing is broken`);
  });

  it('keeps its floors, front doors, sizes and names', () => {
    assert.deepEqual(
      files.filter(({ path }) => !path.startsWith('tests/house')).flatMap(judgeFile),
      [],
    );
  });

  it('has every room on a floor, with a README that draws its trust line', () => {
    for (const top of ['packages', 'apps']) {
      for (const room of readdirSync(join(root, top))) {
        assert.ok(FLOORS.flat().includes(room), `${room} is on no floor`);
        const readme = readFileSync(join(root, top, room, 'README.md'), 'utf8');
        for (const part of ['Owns', 'Never', 'Trust line'])
          assert.match(readme, new RegExp(part, 'i'), `${room}: README lacks "${part}"`);
      }
    }
  });

  it('declares in package.json exactly the rooms it imports', () => {
    for (const top of ['packages', 'apps']) {
      for (const room of readdirSync(join(root, top))) {
        const { dependencies = {} } = JSON.parse(
          readFileSync(join(root, top, room, 'package.json'), 'utf8'),
        ) as {
          dependencies?: Record<string, string>;
        };
        const used = files
          .filter(
            ({ path }) => path.startsWith(`${top}/${room}/src/`) && !path.endsWith('.test.ts'),
          )
          .flatMap(({ text }) =>
            [...text.matchAll(/from '(@countersign\/[a-z-]+)'/g)].map((match) => match[1] ?? ''),
          );
        for (const name of used)
          assert.ok(
            name === `@countersign/${room}` || name in dependencies,
            `${room} imports ${name} and does not declare it`,
          );
      }
    }
  });
});

describe('the canary: each rule can fail', () => {
  const crimes: [string, SourceFile, RegExp][] = [
    [
      'an import upward',
      {
        path: 'packages/audit/src/a.ts',
        text: "// x\nimport { a } from '@countersign/provider';\n",
      },
      /may not import provider/,
    ],
    [
      'an import sideways',
      { path: 'packages/audit/src/a.ts', text: "// x\nimport { a } from '@countersign/keys';\n" },
      /may not import keys/,
    ],
    [
      'ground that imports',
      {
        path: 'packages/verifier/src/a.ts',
        text: "// x\nimport { a } from '@countersign/vocabulary';\n",
      },
      /may not import/,
    ],
    [
      'a side door',
      {
        path: 'packages/audit/src/a.ts',
        text: "// x\nexport { a } from '@countersign/verifier/src/x.ts';\n",
      },
      /side door/,
    ],
    [
      'a wall broken with ..',
      { path: 'packages/audit/src/a.ts', text: "// x\nimport '../../keys/src/x.ts';\n" },
      /reaches into another room/,
    ],
    [
      'a dynamic import',
      { path: 'apps/cli/src/a.ts', text: "// x\nawait import('@countersign/keys');\n" },
      /cli may not import keys/,
    ],
    [
      'a narrow door opened',
      { path: 'apps/signer/src/a.ts', text: "// x\nimport { a } from '@countersign/audit';\n" },
      /signer may not import audit/,
    ],
    [
      'a file too long',
      { path: 'packages/audit/src/a.ts', text: `// x\n${'x;\n'.repeat(301)}` },
      /302 lines/,
    ],
    [
      'a name that says nothing',
      { path: 'packages/audit/src/token-utils.ts', text: '// x\n' },
      /says nothing/,
    ],
    [
      'a silent file',
      { path: 'packages/audit/src/a.ts', text: 'export const a = 1;\n' },
      /does not open/,
    ],
    ['a naked TODO', { path: 'packages/audit/src/a.ts', text: '// TO' + 'DO later\n' }, /TODO/],
  ];
  for (const [name, file, fault] of crimes) {
    it(`catches ${name}`, () => {
      assert.match(judgeFile(file).join('\n'), fault);
    });
  }

  it('lets an honest file pass', () => {
    const text =
      "// What and why.\nimport { a } from '@countersign/storage';\nimport { b } from './b.ts';\n";
    assert.deepEqual(judgeFile({ path: 'packages/audit/src/record-event.ts', text }), []);
  });
});
