// Ids that begin with a hyphen. A kid is a hash and an id of a passkey is its maker's: one in 64 does, and
// would be taken for an option where it is typed. Options of ours are words in lower case, so what holds
// anything else is an id: it is marked before the parser sees it, and unmarked before a command does.

import type { Command, CommanderError } from 'commander';

const ID = /^-(?=[\w-]*[A-Z0-9_])[\w-]{7,}$/;
/** No argument of a process can hold it. */
const MARK = '\0';

export function markIds(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const seen = end < 0 ? args.length : end;
  return args.map((word, at) => (at < seen && ID.test(word) ? MARK + word : word));
}

/** To be called before the action of a command. */
export function unmarkIds(command: Command): void {
  command.processedArgs = command.processedArgs.map(unmarked);
  for (const [name, value] of Object.entries(command.opts())) {
    const source = command.getOptionValueSource(name);
    command.setOptionValueWithSource(name, unmarked(value), source);
  }
}

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : value;
}

/** What is wrong with the command line; an id that looks like an option still is told how to be typed. */
export function describeFault({ message }: Pick<CommanderError, 'message'>): string {
  const text = message.replaceAll(MARK, '').trimEnd();
  return /unknown option '-[^-]/.test(text)
    ? `${text}\nAn id that begins with a hyphen goes last, after --: … --json -- -id`
    : text;
}
