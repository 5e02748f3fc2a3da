/** Which role the groups of a person give. Pure. */
import type { AccessRole } from '../../index.ts';

/** Groups of each role. `*` among the viewers: every person who comes in. */
export type GroupRoles = Readonly<Record<AccessRole, readonly string[]>>;

/** The most that one of the groups gives; undefined: none gives a role. */
export function roleOfGroups(groups: readonly string[], roles: GroupRoles): AccessRole | undefined {
  const has = (role: AccessRole): boolean => roles[role].some((one) => one !== '*' && groups.includes(one));
  if (has('admin')) return 'admin';
  if (has('editor')) return 'editor';
  return has('viewer') || roles.viewer.includes('*') ? 'viewer' : undefined;
}

/** `a, b` → its parts */
export function splitList(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
