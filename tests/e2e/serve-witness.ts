// One witness as a process of its own, for `run-witness.ts`. Arguments: folder, name, port, then
// the keys of the log that it watches. Says `ready` and its keys once it answers.

import { parseVerifierKey } from '@countersign/verifier';
import { openWitness, serveWitness } from '@countersign/watchers';

const [folder = '', name = '', port = '0', ...logs] = process.argv.slice(2);
const witness = await openWitness({ folder, logs: logs.map(parseVerifierKey), make: { name } });
await serveWitness({ witness, host: '127.0.0.1', port: Number(port) });
process.stdout.write(`ready ${witness.keys.ed25519}\n`);
