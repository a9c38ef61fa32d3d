// A model takes the place of the one that judges when it looked on beside it and was no worse. Whoever puts
// one in may insist, which is on record.

import type { Audit } from '@countersign/audit';
import { CodedError } from '@countersign/vocabulary';
import type { HouseEngine } from './assemble-engine.ts';
import { compareChallenger } from './compare-challenger.ts';

interface Parts {
  engine: Pick<HouseEngine, 'engine' | 'challenger'>;
  audit: Pick<Audit, 'listEvents'>;
}

/** @throws CodedError `model_unproved` saying why, and how to insist */
export async function refuseUnproved({ engine, audit }: Parts, id: string): Promise<void> {
  const { model, settings } = engine.engine;
  if (model === undefined || model.id === id) return;
  if (engine.challenger?.model?.id !== id) {
    throw unproved(
      'It has not looked on beside the model in force: put it in as challenger first.',
    );
  }
  const models = { challenger: id, champion: model.id };
  const comparison = await compareChallenger(audit, models, settings.mediumShare);
  if (comparison === undefined) throw unproved('Both have judged nothing yet.');
  if (!comparison.release) throw unproved(comparison.why);
}

function unproved(why: string): CodedError {
  return new CodedError('model_unproved', `${why} To put it in all the same, say force.`);
}
