/** What commander says of arguments and options that a verb does not take, with what helps: the usage, or the verb that was meant. */
import type { Command, CommanderError } from 'commander';
import { Failure } from '../base/error.ts';
import { usageOf } from './help-text.ts';
import { WrongArguments } from './wrong-arguments.ts';

/** What people look for in a verb and find in another one. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  create: { '--dry-run': 'segmentd preview --condition FILE tries a condition and saves nothing' },
};

/** @param command whose arguments were parsed */
export function misuse(error: CommanderError, command: Command): Error {
  if (error.code === 'commander.missingArgument' || error.code === 'commander.excessArguments')
    return new WrongArguments(`${error.message.replace(/^error: /, '').replace(/\.$/, '')}.`, usageOf(command));
  if (error.code !== 'commander.unknownOption') return error;
  const [, option = ''] = /unknown option '(--[\w-]+)/.exec(error.message) ?? [];
  const instead = ELSEWHERE[command.name()]?.[option];
  return instead === undefined ? error : new Failure('usage', `${command.name()} has no option ${option}; ${instead}.`);
}
