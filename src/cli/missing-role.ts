/** The role of segmentd that a verb needs, named when Postgres denies the verb something of segmentd's own. Pure. */
import { Failure, sqlState, NO_RIGHT } from '../base/error.ts';

type Role = 'segmentd_owner' | 'segmentd_worker' | 'segmentd_editor' | 'segmentd_reader';

/** Verbs that `segmentd_editor` is too much or too little for. */
const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ...['migrate', 'install', 'uninstall', 'forget', 'serve', 'token', 'audit'].map(
    (verb) => [verb, 'segmentd_owner'] as const,
  ),
  ['run', 'segmentd_worker'],
  ...['list', 'members', 'segments-of', 'overlap', 'versions', 'fields'].map(
    (verb) => [verb, 'segmentd_reader'] as const,
  ),
]);

/** What of segmentd a login without its role is denied: Postgres names schemas and tables, and never a value. */
const DENIED =
  /^permission denied for (?:schema segmentd(?:_internal)?|table (?:segment|override|api_token|action_log))$/;

/** Returns the error, or one that names the role when the verb lacks a right on segmentd's own tables. */
export function namingRole(error: unknown, verb: string): unknown {
  if (sqlState(error) !== NO_RIGHT || !(error instanceof Error) || !DENIED.test(error.message)) return error;
  const [name = verb] = verb.split(' ');
  const role = ROLES.get(name) ?? 'segmentd_editor';
  return new Failure(
    'permission',
    `The database role lacks a right that this needs: ${error.message}. \`segmentd ${name}\` needs ${role}: run \`grant ${role} to LOGIN\` as a superuser.`,
    { cause: error },
  );
}
