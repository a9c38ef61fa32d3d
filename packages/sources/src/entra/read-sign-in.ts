// What a sign-in says: whether it worked, how somebody proved who they are, from where, and which token
// came of it. Values change their type between shapes: `resultType` is a number, text or a word.

import type { Outcome } from '../ocsf/draft-event.ts';
import { omitAbsent } from '../ocsf/draft-event.ts';
import { addressOf } from '../reading/read-address.ts';
import { memberOf, numberOf, objectsOf, textOf } from '../reading/read-text.ts';
import type { EntraRecord } from './open-entra-record.ts';

export interface ReadResult {
  outcome: Outcome;
  code: string | undefined;
  detail: string | undefined;
}

export function readResult(record: EntraRecord): ReadResult {
  const code = record.inside('status', 'errorCode') ?? record.text('resultType');
  const failure = record.inside('status', 'failureReason') ?? record.text('resultDescription');
  // "Other." stands where nothing failed.
  const detail =
    failure === undefined || /^other\.?$/i.test(failure)
      ? record.inside('status', 'additionalDetails')
      : failure;
  return { outcome: outcomeOf(code, record.text('resultSignature')), code, detail };
}

function outcomeOf(code: string | undefined, signature: string | undefined): Outcome {
  const word = (code ?? signature ?? '').toLowerCase();
  if (word === '0' || word === 'success' || word === 'succeeded') return 'success';
  if (word === '' || word === 'none' || word === 'unknown') return 'unknown';
  return 'failure';
}

/** Factors of `authenticationDetails` by the method's name. */
const FACTORS: readonly (readonly [RegExp, number])[] = [
  [/password(?!less)/i, 11],
  [/sms|text message/i, 1],
  [/phone call|voice/i, 3],
  [/fido|passkey|hello/i, 10],
  [/oath hardware|hardware token/i, 6],
  [/oath|verification code|otp|temporary access/i, 7],
  [/notification|authenticator|mobile app|passwordless phone/i, 5],
  [/certificate|x\.?509|email/i, 99],
];

export function readFactors(record: EntraRecord): object[] {
  return objectsOf(record.get('authenticationDetails'))
    .slice(0, 50)
    .flatMap((step) => {
      const method = textOf(memberOf(step, 'authenticationMethod'));
      if (method === undefined || /^previously satisfied$/i.test(method)) return [];
      const typeId = FACTORS.find(([pattern]) => pattern.test(method))?.[1] ?? 99;
      return [{ factor_type: method, factor_type_id: typeId }];
    });
}

/** OCSF knows OAuth 2.0 (6) and SAML (5); device code and password grants are OAuth with a name. */
export function readProtocol(record: EntraRecord): { name: string; id: number } | undefined {
  const name = record.text('authenticationProtocol');
  if (name === undefined || name.toLowerCase() === 'none') return undefined;
  if (/saml/i.test(name)) return { name, id: 5 };
  return /oauth|devicecode|ropc|authorizationcode/i.test(name) ? { name, id: 6 } : { name, id: 99 };
}

/** Place and network beside the address. A top `location` is text (a country), the inner one an object. */
export function readEndpoint(record: EntraRecord): Record<string, unknown> | undefined {
  const place = record.object('location') ?? record.object('locationDetails');
  const country = textOf(memberOf(place, 'countryOrRegion')) ?? shortText(record.text('location'));
  const city = textOf(memberOf(place, 'city'));
  const region = textOf(memberOf(place, 'state'));
  const number = numberOf(record.get('autonomousSystemNumber'));
  const location = country ?? city ?? region;
  const endpoint = omitAbsent({
    location: location === undefined ? undefined : omitAbsent({ city, country, region }),
    autonomous_system: number === undefined || number <= 0 ? undefined : { number },
  });
  return Object.keys(endpoint).length === 0 ? undefined : endpoint;
}

function shortText(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Za-z]{2}$/.test(text) ? text : undefined;
}

export function readAddress(record: EntraRecord) {
  return addressOf(record.text('ipAddress') ?? record.text('callerIpAddress'));
}
