/** A duration as the argument of a flag, in milliseconds. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../base/option.ts';

export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `It ${error.message}.` : '');
  }
}

/** With a default as people write it. */
export function durationOption(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description).argParser(duration).default(parseDuration(fallback), fallback);
}
