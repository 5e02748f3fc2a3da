/** The options of `serve` as a way in. */
import { Failure } from '../../base/error.ts';
import type { Settings } from '../../base/option.ts';
import { splitList, type GroupRoles } from './group-role.ts';
import type { ForeignAuth } from './way-in.ts';

/** @returns undefined for the printed link @throws {Failure} `usage`, naming the option that is missing */
export function authOf(settings: Settings): ForeignAuth | undefined {
  const { auth, publicUrl, proxyFrom, oidcIssuer, oidcClientId } = settings;
  if (auth === 'loopback') return undefined;
  const groups: GroupRoles = {
    admin: splitList(settings.adminGroups),
    editor: splitList(settings.editorGroups),
    viewer: splitList(settings.viewerGroups),
  };
  if (Object.values(groups).every((names) => names.length === 0))
    throw new Failure(
      'usage',
      `--auth ${auth} needs --admin-groups, --editor-groups or --viewer-groups: without them no person has a role.`,
    );
  if (auth === 'proxy')
    return {
      way: 'proxy',
      publicUrl: given(publicUrl, auth, '--public-url'),
      from: splitList(given(proxyFrom, auth, '--proxy-from')),
      userHeader: settings.proxyUserHeader,
      groupsHeader: settings.proxyGroupsHeader,
      groups,
    };
  return {
    way: 'oidc',
    publicUrl: given(publicUrl, auth, '--public-url'),
    issuer: given(oidcIssuer, auth, '--oidc-issuer'),
    clientId: given(oidcClientId, auth, '--oidc-client-id'),
    clientSecret: settings.oidcClientSecret,
    scope: settings.oidcScope,
    nameClaim: settings.oidcNameClaim,
    groupsClaim: settings.oidcGroupsClaim,
    groups,
  };
}

function given(value: string | undefined, auth: string, flag: string): string {
  if (value === undefined) throw new Failure('usage', `--auth ${auth} needs ${flag}.`);
  return value;
}
