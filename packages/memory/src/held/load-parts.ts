// Rows into what the engine reads. Bytes that cannot be read are as if there were none: whoever acts is
// then new, which lowers no score, and the trouble is told.

import type { Profile, RealmCounts } from '@countersign/risk';
import type { RealmId } from '@countersign/vocabulary';
import type { Codec, MemoryOptions } from '../memory-options.ts';

export interface RealmParts<Infrastructure, Calibrated, Detecting> {
  counts: RealmCounts;
  infrastructure: Infrastructure;
  calibration: Calibrated;
  detectors: Detecting;
}

export interface SubjectParts<Standing> {
  profile: Profile;
  standing: Standing;
}

type Options<I, C, D, S> = Pick<MemoryOptions<I, C, D, S>, 'store' | 'shapes' | 'onTrouble'>;

function decoder<I, C, D, S>({ onTrouble }: Options<I, C, D, S>, realm: RealmId) {
  return <T>(codec: Codec<T>, bytes: Uint8Array | null | undefined, what: string): T => {
    if (bytes === null || bytes === undefined) return codec.make();
    try {
      return codec.decode(bytes);
    } catch (error) {
      onTrouble?.(`${what} could not be read and begins anew`, error, realm);
      return codec.make();
    }
  };
}

export async function loadRealm<I, C, D, S>(
  options: Options<I, C, D, S>,
  realm: RealmId,
): Promise<RealmParts<I, C, D>> {
  const row = await options.store.read
    .selectFrom('risk_realm')
    .selectAll()
    .where('realm', '=', realm)
    .executeTakeFirst();
  const decode = decoder(options, realm);
  const { shapes } = options;
  return {
    counts: decode(shapes.counts, row?.counts, 'the counts of a realm'),
    infrastructure: decode(shapes.infrastructure, row?.infrastructure, 'the traffic of a realm'),
    calibration: decode(shapes.calibration, row?.calibration, 'the calibration of a realm'),
    detectors: decode(shapes.detectors, row?.detectors, 'the detectors of a realm'),
  };
}

export async function loadSubject<I, C, D, S>(
  options: Options<I, C, D, S>,
  realm: RealmId,
  subject: string,
): Promise<SubjectParts<S>> {
  const row = await options.store.read
    .selectFrom('risk_profile')
    .select(['profile', 'standing'])
    .where('realm', '=', realm)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return decodeSubject(options, realm, row);
}

export function decodeSubject<I, C, D, S>(
  options: Options<I, C, D, S>,
  realm: RealmId,
  row: { profile: Uint8Array | null; standing: Uint8Array | null } | undefined,
): SubjectParts<S> {
  const decode = decoder(options, realm);
  return {
    profile: decode(options.shapes.profile, row?.profile, 'a profile'),
    standing: decode(options.shapes.standing, row?.standing, 'a standing'),
  };
}

export function decodeProfile<I, C, D, S>(
  options: Options<I, C, D, S>,
  realm: RealmId,
  bytes: Uint8Array | null,
): Profile {
  return decoder(options, realm)(options.shapes.profile, bytes, 'a snapshot of a profile');
}
