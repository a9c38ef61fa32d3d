// Every detector there is. A code, once released, keeps its meaning.

import type { Detector } from './detector.ts';
import {
  dormantAccount,
  factorFatigue,
  factorInDoubt,
  implausibleContext,
  suspiciousBrowser,
} from './look-at-accounts.ts';
import { credentialStuffing, maliciousAddress, passwordSpray } from './look-at-guessing.ts';
import {
  actsForRisky,
  credentialChange,
  failedAccess,
  signInSpike,
  unfamiliarResource,
} from './look-at-machines.ts';
import {
  anonymizedAddress,
  hostingChange,
  newCountry,
  newNetwork,
  unfamiliarFeatures,
  unlikelyTravel,
} from './look-at-places.ts';
import {
  anomalousToken,
  attackerInTheMiddle,
  tokenIssuerAnomaly,
  tokenReplay,
} from './look-at-sessions.ts';

export const DETECTORS: readonly Detector[] = [
  ...[unlikelyTravel, newCountry, unfamiliarFeatures, anonymizedAddress, implausibleContext],
  ...[passwordSpray, credentialStuffing, maliciousAddress, suspiciousBrowser],
  ...[anomalousToken, tokenReplay, tokenIssuerAnomaly, attackerInTheMiddle],
  ...[factorFatigue, factorInDoubt, dormantAccount],
  ...[hostingChange, newNetwork, unfamiliarResource, credentialChange],
  ...[signInSpike, failedAccess, actsForRisky],
];

export const DETECTOR_CODES: readonly string[] = DETECTORS.map(({ code }) => code);
