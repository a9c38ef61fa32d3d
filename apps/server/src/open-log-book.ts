// The server's own log lines: JSON on stderr (pino), warnings and worse by default. Members that
// could carry a secret are cut out by name as a second net; the first is not to log them.

import { type Logger, pino } from 'pino';

const SECRET_MEMBERS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'credential',
  'token',
  'client_secret',
  'passphrase',
  'evidence',
];
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** @param level COUNTERSIGN_LOG_LEVEL; an unknown one means `info`, the level that tells more. */
export function openLogBook(level = 'warn'): Logger {
  const paths = SECRET_MEMBERS.flatMap((name) => [name, `*.${name}`]);
  return pino(
    {
      level: LEVELS.includes(level) ? level : 'info',
      base: null,
      redact: { paths, censor: '[cut]' },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
