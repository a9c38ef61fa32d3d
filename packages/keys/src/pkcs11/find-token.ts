// Which slot has the token that the settings name. The label is what people give a token; the serial
// number is what tells it from another that was given the same.

import type { PKCS11, TokenInfo } from 'pkcs11js';
import { custodyRefusal } from '../keys-error.ts';

export interface TokenSettings {
  /** Absolute path of the token's PKCS#11 module. */
  module: string;
  tokenLabel: string;
  /** Needed only where two tokens have one label. */
  tokenSerial?: string | undefined;
}

export interface FoundToken {
  slot: Buffer;
  label: string;
  serial: string;
  flags: number;
  /** Sessions that it allows; 0 means no limit. */
  sessionsLimit: number;
}

/** @throws CodedError `custody_unreachable` when there is none, or more than one */
export function findToken(cryptoki: PKCS11, settings: TokenSettings): FoundToken {
  const tokens = listTokens(cryptoki);
  const wanted = tokens.filter(
    ({ label, serial }) =>
      label === settings.tokenLabel &&
      (settings.tokenSerial === undefined || serial === settings.tokenSerial),
  );
  const [token] = wanted;
  if (token !== undefined && wanted.length === 1) return token;
  const known = tokens.map(({ label, serial }) => `"${label}" (${serial})`).join(', ');
  throw custodyRefusal(
    'custody_unreachable',
    token === undefined
      ? `There is no token ${nameOf(settings)} in any slot of ${settings.module}; there is ${known || 'none'}. Plug it in, start its daemon, or correct custody.pkcs11.`
      : `${wanted.length} tokens are called "${settings.tokenLabel}": ${known}. Say which by custody.pkcs11.tokenSerial.`,
  );
}

function nameOf({ tokenLabel, tokenSerial }: TokenSettings): string {
  return tokenSerial === undefined ? `"${tokenLabel}"` : `"${tokenLabel}" (${tokenSerial})`;
}

function listTokens(cryptoki: PKCS11): FoundToken[] {
  return cryptoki.C_GetSlotList(true).flatMap((slot) => {
    const info = tokenInfo(cryptoki, slot);
    if (info === undefined) return [];
    return {
      slot,
      label: info.label.trim(),
      serial: info.serialNumber.trim(),
      flags: info.flags,
      sessionsLimit: plausibleLimit(info.maxSessionCount),
    };
  });
}

/** Undefined for a token that leaves while it is asked. */
function tokenInfo(cryptoki: PKCS11, slot: Buffer): TokenInfo | undefined {
  try {
    return cryptoki.C_GetTokenInfo(slot);
  } catch {
    return undefined;
  }
}

/** All bits set stands for "unknown" (CK_UNAVAILABLE_INFORMATION). */
function plausibleLimit(count: number): number {
  return count > 0 && count < 0xffff_ffff ? count : 0;
}
