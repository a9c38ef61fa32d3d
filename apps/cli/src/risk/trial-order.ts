// What the command line asks of the thread that computes, and what comes back. Both cross as plain values.

import type { EvaluationOrder, TrainOrder, TrialReport } from '@countersign/trials';

/** A file of the published data set, and how much of it. */
export interface DataOrder {
  path: string;
  shareOfPeople: number;
}

export type TrialOrder =
  | { kind: 'evaluate'; order: Omit<EvaluationOrder, 'onProgress'>; data?: DataOrder }
  | { kind: 'train'; order: Omit<TrainOrder, 'onProgress'>; data?: DataOrder };

export interface TrainedModel {
  bytes: Uint8Array;
  rows: number;
  legitimate: number;
  attacks: Readonly<Record<string, number>>;
}

export type TrialMessage =
  | { kind: 'progress'; what: string; done: number; of: number }
  | { kind: 'evaluated'; report: TrialReport }
  | { kind: 'trained'; model: TrainedModel }
  | { kind: 'refused'; code: string; message: string };
