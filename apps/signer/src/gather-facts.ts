// What this process can see of its own confinement. Kept apart from the judgement, so that each
// gap can be tested without building a process that has it.

import { url } from 'node:inspector';
import { dirname, join } from 'node:path';

export interface ConfinementFacts {
  hasPermissionModel: boolean;
  /** Deeds that the permission model should deny and does not. */
  allowed: string[];
  ownFolderWritable: boolean;
  options: readonly string[];
  /** Names of environment variables that steer Node, the loader, or a library. */
  steeringVariables: string[];
  inspectorOpen: boolean;
  writesReports: boolean;
  /** Soft and hard; Infinity when there is none, or none is known. */
  coreLimits: number[];
}

const DENIED_SCOPES = ['net', 'child', 'worker', 'addon', 'wasi', 'inspector', 'ffi'];
const STEERING = /^(NODE_|LD_|UV_|AWS_|SOFTHSM2_|SSL_|OPENSSL_|GLIBC_)/;
/** A few places no signer needs; the model denies all that was not allowed by name. */
const DENIED_PATHS = ['/', '/etc/passwd', '/proc/self/mem', '/tmp', '/dev/shm'];

export function gatherFacts(folder: string): ConfinementFacts {
  const { permission, report } = process;
  const has = (scope: string, path?: string): boolean => permission?.has(scope, path) ?? true;
  const beside = [dirname(folder), join(dirname(folder), 'elsewhere')];
  return {
    hasPermissionModel: permission !== undefined,
    allowed: [
      ...DENIED_SCOPES.filter((scope) => has(scope)),
      ...DENIED_PATHS.filter((path) => has('fs.read', path)).map((path) => `reading ${path}`),
      ...[...DENIED_PATHS, ...beside]
        .filter((path) => has('fs.write', path))
        .map((path) => `writing ${path}`),
    ],
    ownFolderWritable: has('fs.write', folder) && has('fs.write', join(folder, 'keys', 'any')),
    options: process.execArgv,
    steeringVariables: Object.keys(process.env).filter((name) => STEERING.test(name)),
    inspectorOpen: url() !== undefined,
    writesReports:
      report.reportOnSignal || report.reportOnFatalError || report.reportOnUncaughtException,
    coreLimits: coreLimits(),
  };
}

/** /proc is closed to us; Node's own report, which stays in memory here, knows the limits. */
function coreLimits(): number[] {
  // Without this the report resolves names of sockets; the type of Node 26 lacks it.
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as {
    userLimits?: { core_file_size_blocks?: Record<'soft' | 'hard', number | string> };
  };
  const limits = userLimits?.core_file_size_blocks;
  return [limits?.soft, limits?.hard].map((limit) =>
    typeof limit === 'number' ? limit : Infinity,
  );
}
