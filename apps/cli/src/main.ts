// The `countersign` command: parse, do, answer, set the exit code (DESIGN §6).

import { buildProgram } from './build-program.ts';
import { type CliWorld, processWorld } from './world.ts';

await runCommandLine(process.argv.slice(2), processWorld());

async function runCommandLine(args: string[], world: CliWorld): Promise<void> {
  // `countersign events | head` closes our output early; that is not an error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.exitCode = await buildProgram(world).run(args);
}
