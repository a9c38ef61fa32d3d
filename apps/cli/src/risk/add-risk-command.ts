// `countersign risk …`: how odd sign-ins are, why, and what a policy would do about it.

import type { Command } from 'commander';
import type { Answering } from '../build-program.ts';
import type { CliWorld } from '../world.ts';
import { addEvaluateCommand } from './add-evaluate-command.ts';
import { addExplainCommand } from './add-explain-command.ts';
import { addFeedbackCommand } from './add-feedback-command.ts';
import { addModelCommand } from './add-model-command.ts';
import { addPeopleCommand } from './add-people-command.ts';
import { addPersonCommand } from './add-person-command.ts';
import { addRiskPolicyCommand } from './add-risk-policy-command.ts';
import { addRollbackCommand } from './add-rollback-command.ts';
import { addScoreCommand } from './add-score-command.ts';
import { addSimulatePolicyCommand } from './add-simulate-policy-command.ts';
import { addTrainCommand } from './add-train-command.ts';

export function addRiskCommand(program: Command, world: CliWorld, answering: Answering): void {
  const risk = program
    .command('risk')
    .description('how odd sign-ins are, who is at risk, and what is done about it')
    .helpCommand(false);
  addScoreCommand(risk, world, answering);
  addExplainCommand(risk, world, answering);
  addFeedbackCommand(risk, world, answering);
  addPeopleCommand(risk, world, answering);
  addPersonCommand(risk, world, answering);
  addRollbackCommand(risk, world, answering);
  addSimulatePolicyCommand(risk, world, answering);
  addRiskPolicyCommand(risk, world, answering);
  addModelCommand(risk, world, answering);
  addTrainCommand(risk, world, answering);
  addEvaluateCommand(risk, world, answering);
}
