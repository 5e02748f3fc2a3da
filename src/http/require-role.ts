/** What a role may ask. Postgres decides as well, by the role of the request; this answers before a query runs. */
import { createMiddleware } from 'hono/factory';
import { ACCESS_ROLES, type AccessRole } from '../access/person.ts';
import type { HttpEnv, Person } from './http-env.ts';
import { Refusal } from './problem.ts';

export function atLeast(role: AccessRole) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    requireRole(c.var.person, role);
    await next();
  });
}

/** @throws {Refusal} 403 */
export function requireRole(person: Person, role: AccessRole): void {
  if (ACCESS_ROLES.indexOf(person.role) < ACCESS_ROLES.indexOf(role))
    throw new Refusal(403, 'role', `This needs the role ${role}; yours is ${person.role}.`);
}
