/** What the process is given from outside, for parts of a connection that its text leaves open. */
import { homedir } from 'node:os';

export type Environment = Readonly<Record<string, string | undefined>>;

export function homeOf(environment: Environment): string {
  return environment['HOME'] || homedir();
}
