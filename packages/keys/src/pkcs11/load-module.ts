// Loads a token's driver (PKCS#11 v2.40) into this process by way of pkcs11js, an optional package that
// is compiled where it is installed. Only when it is asked for: a signer of software keys loads nothing.

import type { PKCS11 } from 'pkcs11js';
import { custodyRefusal } from '../keys-error.ts';

export interface TokenModule {
  cryptoki: PKCS11;
  path: string;
}

/**
 * @param path absolute path of the token's shared library
 * @throws CodedError `custody_not_installed`
 */
export async function loadModule(path: string): Promise<TokenModule> {
  const library = await loadLibrary();
  const cryptoki = new library.PKCS11();
  try {
    cryptoki.load(path);
  } catch (cause) {
    throw custodyRefusal(
      'custody_not_installed',
      `The PKCS#11 module ${path} cannot be loaded. Check custody.pkcs11.module: it is the shared library of your token (of SoftHSM: libsofthsm2.so, from the package softhsm2).`,
      { cause },
    );
  }
  return { cryptoki, path };
}

async function loadLibrary(): Promise<typeof import('pkcs11js')> {
  try {
    return await import('pkcs11js');
  } catch (cause) {
    throw custodyRefusal(
      'custody_not_installed',
      'custody pkcs11 needs the optional package pkcs11js, which is not there. It is compiled when it is installed: install python3, make and g++, run npm ci again, or use software custody.',
      { cause },
    );
  }
}
