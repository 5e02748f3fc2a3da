/** The error of a verb that got too few or too many arguments. It carries the usage of the verb, which is printed below the sentence. */
import { Failure } from '../base/error.ts';

export class WrongArguments extends Failure {
  override readonly name = 'WrongArguments';
  /** `Usage: segmentd show <key> [options]` */
  readonly usage: string;

  constructor(sentence: string, usage: string) {
    super('usage', sentence);
    this.usage = usage;
  }
}
