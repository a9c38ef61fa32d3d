// `countersign risk …`: how odd sign-ins are, why, and what a policy would do about it.

import type { Command } from 'commander';
import type { Answering } from '../build-program.ts';
import type { CliWorld } from '../world.ts';
import { addEvaluateCommand } from './add-evaluate-command.ts';
import { addExplainCommand } from './add-explain-command.ts';
import { addScoreCommand } from './add-score-command.ts';
import { addSimulatePolicyCommand } from './add-simulate-policy-command.ts';
import { addTrainCommand } from './add-train-command.ts';

export function addRiskCommand(program: Command, world: CliWorld, answering: Answering): void {
  const risk = program
    .command('risk')
    .description('score sign-ins, explain a score, try a policy, train and evaluate a model');
  addScoreCommand(risk, world, answering);
  addExplainCommand(risk, world, answering);
  addSimulatePolicyCommand(risk, world, answering);
  addTrainCommand(risk, world, answering);
  addEvaluateCommand(risk, world, answering);
}
