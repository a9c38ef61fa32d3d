// The notary holds keys that make the whole world believe a token was issued, so it does not run
// where it could talk to anybody but its parent.

interface Permission {
  has(scope: string): boolean;
}

const FORBIDDEN = ['net', 'child', 'worker', 'addon', 'inspector'];

/** @throws Error when Node's permission model is off or allows more than the notary's own folder */
export function refuseUnconfined(permission: Permission | undefined): void {
  if (permission === undefined) {
    throw new Error('The notary runs only under node --permission; the server starts it so.');
  }
  const allowed = FORBIDDEN.filter((scope) => permission.has(scope));
  if (permission.has('fs.write')) allowed.push('all files');
  if (allowed.length > 0) {
    throw new Error(`The notary must not be allowed: ${allowed.join(', ')}.`);
  }
}
