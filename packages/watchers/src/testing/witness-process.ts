// A witness in a process of its own, for tests that end it without warning. Prints the port that it
// serves. Arguments: folder, then the keys of the logs.

import { parseVerifierKey } from '@countersign/verifier';
import { openWitness } from '../witness/open-witness.ts';
import { serveWitness } from '../witness/serve-witness.ts';

const [folder = '', ...logs] = process.argv.slice(2);
const witness = await openWitness({
  folder,
  logs: logs.map(parseVerifierKey),
  make: { name: 'witness.example/killed' },
});
const { port } = await serveWitness({ witness, host: '127.0.0.1', port: 0 });
process.stdout.write(`${port}\n`);
