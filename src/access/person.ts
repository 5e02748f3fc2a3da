/** Who may do what, as far as this process knows it. Pure. */

/** From the least to the most that a person may do. */
export const ACCESS_ROLES = ['viewer', 'editor', 'admin'] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/** The role of Postgres under which a person of each role acts. */
export const DATABASE_ROLES: Readonly<Record<AccessRole, string>> = {
  viewer: 'segmentd_viewer',
  editor: 'segmentd_editor',
  admin: 'segmentd_owner',
};

/** How a browser signs in: by the printed link, or by an OpenID provider. */
export const SIGN_IN_WAYS = ['link', 'oidc'] as const;
export type SignInWay = (typeof SIGN_IN_WAYS)[number];

/** What a role may do, beyond reading. */
export interface Rights {
  readonly edit: boolean;
  /** Tokens, the audit, findings. */
  readonly admin: boolean;
  /** Read the values of masked columns. Each reveal is noted in the action log. */
  readonly reveal: boolean;
}

export function rightsOf(role: AccessRole): Rights {
  return { edit: role !== 'viewer', admin: role === 'admin', reveal: role !== 'viewer' };
}

export interface KnownPerson {
  readonly name: string;
  readonly role: AccessRole;
}
