// The archivist holds everybody's history and runs a large library over texts that strangers chose. It
// must load that library, which the permission model does not bind; so it has nothing else.

interface Permission {
  has(scope: string): boolean;
}

const FORBIDDEN = ['net', 'child', 'worker', 'inspector', 'wasi'];

/** @throws Error when Node's permission model is off or allows more than the archive's folder */
export function refuseUnconfined(permission: Permission | undefined): void {
  if (permission === undefined) {
    throw new Error('The archivist runs only under node --permission; the server starts it so.');
  }
  const allowed = FORBIDDEN.filter((scope) => permission.has(scope));
  if (permission.has('fs.write')) allowed.push('all files');
  if (allowed.length > 0) {
    throw new Error(`The archivist must not be allowed: ${allowed.join(', ')}.`);
  }
}
