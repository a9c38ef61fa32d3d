// `node tools/ocsf-types.ts`: writes the types of the OCSF classes we emit from the compiled schema, which
// is third-party data beside this repository. tests/ocsf-types.test.ts holds what is committed against it.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type CompiledSchema, renderTypes } from './ocsf-types/render-types.ts';

const ROOT = join(import.meta.dirname, '..');
const SCHEMA = join(ROOT, '../shared/data/ocsf/ocsf-1.8.0.compiled.json.gz');
const FOLDER = join(ROOT, 'packages/audit/src/ocsf/schema');
export const TYPE_FILES = {
  classes: join(FOLDER, 'ocsf-classes.ts'),
  objects: join(FOLDER, 'ocsf-objects.ts'),
  findings: join(FOLDER, 'ocsf-findings.ts'),
};

/** Undefined where the schema is not there. */
export function readSchema(): CompiledSchema | undefined {
  if (!existsSync(SCHEMA)) return undefined;
  return JSON.parse(gunzipSync(readFileSync(SCHEMA)).toString('utf8'));
}

if (import.meta.main) {
  const schema = readSchema();
  if (schema === undefined) throw new Error(`There is no OCSF schema at ${SCHEMA}.`);
  const texts = renderTypes(schema);
  for (const part of ['classes', 'objects', 'findings'] as const) {
    writeFileSync(TYPE_FILES[part], texts[part]);
  }
  const files = Object.values(TYPE_FILES);
  spawnSync('biome', ['check', '--write', ...files], { cwd: ROOT, stdio: 'inherit' });
}
