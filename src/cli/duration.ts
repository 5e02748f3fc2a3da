/** A duration as the argument of a flag, in milliseconds. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../base/option.ts';

export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `It ${error.message}.` : '');
  }
}
