// Proof that a form came from a page we sent for this very step: bound to the interaction, whose
// cookie is bound to the browser. With the Origin check it closes cross-site posting twice.

import { createHmac, timingSafeEqual } from 'node:crypto';

export function formToken(key: Uint8Array, interaction: string, step: string): string {
  return createHmac('sha256', key).update(`form\n${interaction}\n${step}`).digest('base64url');
}

export function isFormToken(
  key: Uint8Array,
  interaction: string,
  step: string,
  presented: string | undefined,
): boolean {
  const expected = Buffer.from(formToken(key, interaction, step));
  const given = Buffer.from(presented ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
