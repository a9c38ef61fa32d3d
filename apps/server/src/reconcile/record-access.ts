// `key.access` for every line of a signer's own record of who touched its keys (C-12): the signer writes
// no events, so the server follows its record. Where it stands is in the events themselves, so that a
// crash neither loses a line nor tells one twice.

import type { Audit } from '@countersign/audit';
import type { AccessEntry, SignerClient } from '@countersign/keys';
import {
  type Clock,
  type CountersignEvent,
  type Severity,
  systemClock,
} from '@countersign/vocabulary';

/** A signer whose record is followed. */
export interface AccessSource extends Pick<SignerClient, 'readAccess'> {
  name: string;
}

export interface AccessRecorder {
  /** Records what is new. A signer that is away holds up no other. @throws what the first threw */
  look(): Promise<void>;
}

const LINES_AT_ONCE = 500;
const EVENTS_AT_ONCE = 1000;

const SEVERITIES: Partial<Record<AccessEntry['what'], Severity>> = {
  make: 'medium',
  change: 'medium',
  tripwire: 'high',
};

export function createAccessRecorder(
  audit: Pick<Audit, 'record' | 'listEvents'>,
  signers: readonly AccessSource[],
  clock: Clock = systemClock,
): AccessRecorder {
  const next = new Map<string, number>();
  const follow = async (signer: AccessSource): Promise<void> => {
    let from = next.get(signer.name) ?? (await readLast(audit, signer.name)) + 1;
    for (;;) {
      const { entries, lastNumber } = await signer.readAccess(from, LINES_AT_ONCE);
      const last = entries.at(-1);
      // It ends before what is on record here: somebody took it away or set it back, lines and all.
      const isAnew = last === undefined && lastNumber < from - 1;
      if (last !== undefined) {
        await audit.record(entries.map((entry) => describeAccess(signer.name, entry)));
        from = last.number + 1;
      }
      if (isAnew) {
        await audit.record([describeLoss(signer.name, from - 1, lastNumber, clock.nowMs())]);
        from = 1;
      }
      next.set(signer.name, from);
      if (!isAnew && (last === undefined || from > lastNumber)) return;
    }
  };
  return {
    look: async () => {
      const outcomes = await Promise.allSettled(signers.map(follow));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

/** The records of all signers of the house, the first one first. */
export function followAccess(
  audit: Pick<Audit, 'record' | 'listEvents'>,
  { readAccess }: Pick<SignerClient, 'readAccess'>,
  { names, more }: { names: readonly string[]; more: readonly AccessSource[] },
): AccessRecorder {
  return createAccessRecorder(audit, [{ name: names[0] ?? 'first', readAccess }, ...more]);
}

/** Number of the last line of that signer that is on record; 0 for none. */
async function readLast(audit: Pick<Audit, 'listEvents'>, signer: string): Promise<number> {
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = await audit.listEvents({
      names: ['key.access'],
      beforeSequence: before,
      limit: EVENTS_AT_ONCE,
    });
    for (const { ocsf } of page) {
      const { extra } = (ocsf['unmapped'] as { countersign: { extra?: Record<string, unknown> } })
        .countersign;
      if (extra?.['signer'] === signer && typeof extra['line'] === 'number') return extra['line'];
    }
    const last = page.at(-1);
    if (last === undefined) return 0;
    before = last.sequence;
  }
}

function describeAccess(signer: string, entry: AccessEntry): CountersignEvent {
  const { number, atMs, what, host, caller, by, reason, kid, issuer, to, times } = entry;
  const severity = SEVERITIES[what];
  return {
    name: 'key.access',
    timeMs: atMs,
    ...(severity === undefined ? {} : { severity }),
    ...(by === undefined ? {} : { subject: by }),
    ...(reason === undefined ? {} : { reason }),
    message: describeLine(signer, entry),
    token: {
      kind: 'other',
      ...(kid === undefined ? {} : { kid }),
      ...(issuer === undefined ? {} : { issuer }),
      signer,
    },
    extra: {
      ...{ action: what, host, caller, signer, line: number },
      ...(to === undefined ? {} : { to }),
      ...(times === undefined ? {} : { times }),
    },
  };
}

/** An honest signer's record only grows; its folder may have come back from an older copy. */
function describeLoss(
  signer: string,
  known: number,
  lastNumber: number,
  timeMs: number,
): CountersignEvent {
  return {
    ...{ name: 'key.access', timeMs, severity: 'critical', reason: 'record_set_back' },
    message: `Signer ${signer}: its record of who touched its keys ends at line ${lastNumber}, and ${known} are on record here: it was taken away or set back.`,
    token: { kind: 'other', signer },
    extra: { action: 'record_set_back', signer, known, last: lastNumber },
  };
}

/** `Signer first on alpha, for uid 0: change key k to active.` */
function describeLine(signer: string, entry: AccessEntry): string {
  const { what, host, caller, by, kid = 'unknown', issuer = 'unknown', to = 'unknown' } = entry;
  const acts: Record<AccessEntry['what'], string> = {
    open: 'open its folder',
    list: 'list its keys',
    make: `make a key of ${issuer}`,
    change: `change key ${kid} to ${to}`,
    tripwire: `sign with key ${kid}, which is over`,
  };
  return `Signer ${signer} on ${host}, for ${by ?? caller}: ${acts[what]}.`;
}
