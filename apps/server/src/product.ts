// The name under which this server signs events.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
) as { version: string };

export const PRODUCT = { name: 'Countersign', version } as const;
