/** What a verb of the command line is: a function that adds its command to the program. It knows no other verb. */
import type { Command } from 'commander';
import type { Session, SessionOptions } from './verb-session.ts';

/** The exit code when it is not 0. */
export type Outcome = 1 | void;

/** Makes a commander action of a handler that takes the session, the verb's arguments and its flags. */
export type Run = <A extends readonly unknown[]>(
  handler: (session: Session, ...args: A) => Promise<Outcome>,
  options?: SessionOptions,
) => (...args: [...A, Command]) => Promise<void>;

export type Verb = (program: Command, run: Run) => void;
