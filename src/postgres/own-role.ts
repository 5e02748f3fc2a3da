/**
 * The roles of segmentd that the server lacks, and the SQL that creates them. `migrate` creates them where its role may (sql/object/role.sql);
 * otherwise a person with that right must.
 */
import type { Queryable } from './pool.ts';

const OWN_ROLES = ['segmentd_editor', 'segmentd_owner', 'segmentd_reader', 'segmentd_viewer', 'segmentd_worker'];

/** Only reads. */
export async function lackingRoles(database: Queryable): Promise<readonly string[]> {
  const { rows } = await database.query<{ role: string }>(
    `select w.role from unnest($1::text[]) as w(role)
     where not exists (select from pg_catalog.pg_roles r where r.rolname = w.role) order by 1`,
    [OWN_ROLES],
  );
  return rows.map(({ role }) => role);
}

/** To be followed by `segmentd migrate`, which grants them their rights in segmentd's schemas, and by `segmentd install`. */
export function createRoles(roles: readonly string[]): string {
  return roles.map((role) => `create role ${role} nologin;`).join(' ');
}

/** `The roles a, b do not exist` */
export function rolesAreLacking(roles: readonly string[]): string {
  return roles.length === 1 ? `The role ${roles.join()} does not exist` : `The roles ${roles.join(', ')} do not exist`;
}

/** What `migrate` says when it could not create them. */
export function lackingRolesSentence(roles: readonly string[]): string {
  return `${rolesAreLacking(roles)}, and this role may not create ${roles.length === 1 ? 'it' : 'them'}; only the rights of analysts, editors and workers with a role of their own need ${roles.length === 1 ? 'it' : 'them'}. Let a superuser run: ${createRoles(roles)} Then run \`segmentd migrate\` and \`segmentd install\`.`;
}
