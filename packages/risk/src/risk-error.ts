// What this room refuses. Assessing refuses nothing; reading bytes that somebody else kept does.

import { CodedError } from '@countersign/vocabulary';

export type RiskErrorCode =
  | 'bad_profile'
  | 'bad_counts'
  | 'bad_model'
  | 'model_not_known'
  | 'bad_rows'
  | 'bad_calibration'
  | 'bad_traffic'
  | 'bad_standing'
  | 'bad_policy'
  | 'bad_detectors';

export class RiskError extends CodedError<RiskErrorCode> {}
