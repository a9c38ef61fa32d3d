// Before the signer touches a key it makes sure of its own cage: no network, no other process, one
// folder, nothing that could write its memory out (control C-10). It does not run outside of it.

import { CodedError } from '@countersign/vocabulary';
import type { ConfinementFacts } from './gather-facts.ts';

/** Node options that may be on the command line; any other may open what the rest closes. */
const ALLOWED_OPTIONS = [
  /^--permission$/,
  /^--allow-fs-(read|write)=./,
  /^--no-addons$/,
  /^--disable-sigusr1$/,
  /^--disallow-code-generation-from-strings$/,
  /^--disable-proto=(delete|throw)$/,
  /^--no-experimental-[a-z]+$/,
  /^--max-old-space-size=\d+$/,
];

/** What of the cage is open for a custody that was asked for: see SignerArguments. */
export interface AskedOpenings {
  addons: boolean;
  network: boolean;
}

const SHUT: AskedOpenings = { addons: false, network: false };
const REQUIRED_OPTIONS = ['--permission', '--disable-sigusr1'];
/** With a limit of one byte the kernel does not even call a core handler (core(5)). */
const LARGEST_CORE = 1;

/**
 * Everything that is wrong with the process as it was started; empty when it may run.
 * What a process cannot see of itself (the dump filter, the user it runs as) is its starter's duty.
 */
export function findGaps(facts: ConfinementFacts, opens: AskedOpenings = SHUT): string[] {
  const gaps: string[] = [];
  const demand = (holds: boolean, gap: string): void => {
    if (!holds) gaps.push(gap);
  };
  demand(facts.hasPermissionModel, 'Node runs without --permission');
  const opened = new Set([...(opens.addons ? ['addon'] : []), ...(opens.network ? ['net'] : [])]);
  for (const deed of facts.allowed) {
    demand(opened.has(deed), `the permission model allows ${deed}`);
  }
  for (const scope of opened) {
    demand(facts.allowed.includes(scope), `custody needs ${scope}, which is not allowed`);
  }
  demand(facts.ownFolderWritable, 'its own folder cannot be written');
  for (const option of REQUIRED_OPTIONS) {
    demand(facts.options.includes(option), `${option} is missing`);
  }
  for (const option of facts.options) {
    const known = [...ALLOWED_OPTIONS, ...optionsFor(opens)].some((one) => one.test(option));
    demand(known, `the option ${option.split('=', 1)[0]} is not allowed`);
  }
  for (const name of facts.steeringVariables) {
    demand(opens.addons && name === 'SOFTHSM2_CONF', `the environment sets ${name}`);
  }
  demand(!facts.inspectorOpen, 'an inspector is open');
  demand(!facts.writesReports, 'diagnostic reports are on');
  demand(
    facts.coreLimits.every((limit) => limit <= LARGEST_CORE),
    'a crash may leave a core file (ulimit -c)',
  );
  return gaps;
}

function optionsFor(opens: AskedOpenings): RegExp[] {
  return [
    ...(opens.addons ? [/^--allow-addons$/] : []),
    ...(opens.network ? [/^--allow-net$/] : []),
  ];
}

/** @throws CodedError `not_confined`, naming every gap */
export function checkConfinement(facts: ConfinementFacts, opens?: AskedOpenings): void {
  const gaps = findGaps(facts, opens);
  if (gaps.length === 0) return;
  throw new CodedError(
    'not_confined',
    `The signer does not run here: ${gaps.join('; ')}. Let the server start it, or start it as its README says.`,
  );
}
