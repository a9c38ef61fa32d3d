// All finders of keys that are written in some standard form, as one.

import type { Finder } from '../find.ts';
import { findDer } from './find-der.ts';
import { findJwk } from './find-jwk.ts';
import { findOpenssh } from './find-openssh.ts';
import { findPem } from './find-pem.ts';

/** The longest of them: an RSA key of 16,384 bits as PEM is under 13 KiB, its JWK under 14. */
const WINDOW = 1 << 15;

/** Finds private keys of any owner in PEM, DER, JWK, OpenSSH form, and PKCS#12 stores. */
export const encodedFinder: Finder = {
  window: WINDOW,
  scan(bytes, from, report) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    findPem(buffer, from, report);
    findDer(buffer, from, report);
    findJwk(buffer, from, report);
    findOpenssh(buffer, from, report);
  },
};
