/**
 * Whether the login of this process may act under the roles of Postgres that persons have. With them Postgres itself
 * refuses what a person may not do, whatever the code above asks for.
 */
import { Failure } from '../base/error.ts';
import { ident, join, render, sql } from '../compile/fragment.ts';
import { createRoles, rolesAreLacking } from '../postgres/own-role.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { DATABASE_ROLES } from './person.ts';

export interface RoleCheck {
  /** Whether each person acts under a role of Postgres. */
  readonly enforced: boolean;
  /** Why not, and what to run; null when they are enforced. */
  readonly sentence: string | null;
}

interface RoleRow {
  readonly login: string;
  readonly may_create: boolean;
  readonly lacking: readonly string[];
  readonly unusable: readonly string[];
}

/**
 * Only reads. Roles that exist must be usable. Roles that do not exist and that this login cannot create are no reason to stop: then
 * only the API checks.
 * @throws {Failure} `permission` when a command gives the login what it lacks
 */
export async function checkRoles(client: Queryable): Promise<RoleCheck> {
  const { rows } = await client.query<RoleRow>({
    ...statement('usable-role'),
    values: [Object.values(DATABASE_ROLES)],
  });
  const { login = '', may_create: mayCreate = false, lacking = [], unusable = [] } = rows[0] ?? {};
  if (lacking.length > 0 && mayCreate)
    throw new Failure(
      'permission',
      `${rolesAreLacking(lacking)}: run \`segmentd migrate\` and \`segmentd install\` first.`,
    );
  if (lacking.length > 0)
    return {
      enforced: false,
      sentence: `${rolesAreLacking(lacking)}, so only the API checks what a person may do, and Postgres does not. Let a superuser run: ${createRoles(lacking)} Then run \`segmentd migrate\` and \`segmentd install\`.`,
    };
  if (unusable.length > 0)
    throw new Failure(
      'permission',
      `The login ${login} may not act as ${unusable.join(', ')}, so Postgres could not check what a person may do. Let a superuser run: ${grantText(unusable, login)}`,
    );
  return { enforced: true, sentence: null };
}

function grantText(roles: readonly string[], login: string): string {
  const names = join(
    roles.map((role) => ident(role)),
    sql`, `,
  );
  return render(sql`grant ${names} to ${ident(login)};`).text;
}
