/** What a verb of the command line is: a row of the table, and a function that gives its command arguments and options. */
import type { Command } from 'commander';
import type { Session, SessionOptions } from './verb-session.ts';

/** The exit code when it is not 0. */
export type Outcome = 1 | 2 | void;

/** Makes a commander action of a handler that takes the session, the verb's arguments and its flags. */
export type Run = <A extends readonly unknown[]>(
  handler: (session: Session, ...args: A) => Promise<Outcome>,
  options?: SessionOptions,
) => (...args: [...A, Command]) => Promise<void>;

/** Adds arguments, options and the action to the command that has the row's name and summary. It knows no other verb. */
export type Verb = (command: Command, run: Run) => void;

/** What a person wants of a verb, in the order of `--help`. */
export const VERB_GROUPS = ['set up', 'define', 'look', 'export', 'operate'] as const;
export type VerbGroup = (typeof VERB_GROUPS)[number];

export interface VerbRow {
  readonly name: string;
  readonly group: VerbGroup;
  /** One line of `--help`. */
  readonly summary: string;
  /** Imports the verb's file, with all that it needs: only the verb that runs is loaded. */
  readonly load: () => Promise<Verb>;
}
