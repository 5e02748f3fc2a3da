/** Options of the page's server that say who may come in; part of the one table (option.ts), which reads them. */

/** How persons come in. */
export const AUTH_WAYS = ['loopback', 'proxy', 'oidc'] as const;
export type AuthWay = (typeof AUTH_WAYS)[number];

const VERBS = ['serve', 'run'] as const;

function way(text: string): AuthWay {
  const found = AUTH_WAYS.find((known) => known === text);
  if (!found) throw new RangeError(`must be one of ${AUTH_WAYS.join(', ')}, not ${JSON.stringify(text)}`);
  return found;
}

/** An origin: no path, no query. */
function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || text.replace(/\/$/, '') !== url.origin)
    throw new RangeError(
      `must be the address of the page without a path, such as https://segments.example.com, not ${JSON.stringify(text)}`,
    );
  return url.origin;
}

function issuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw new RangeError('must be an address such as https://login.example.com');
  return text;
}

function headerName(text: string): string {
  if (!/^[A-Za-z0-9-]{1,100}$/.test(text))
    throw new RangeError(`must be the name of a header, not ${JSON.stringify(text)}`);
  return text.toLowerCase();
}

function filled(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw new RangeError('must not be empty');
  return text;
}

/** Hours of the longest session: 30 days. */
export const MOST_SESSION_HOURS = 720;

function hours(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(number >= 1 && number <= MOST_SESSION_HOURS))
    throw new RangeError(`must be whole hours from 1 to ${MOST_SESSION_HOURS}, not ${JSON.stringify(text)}`);
  return number;
}

export const ACCESS_OPTIONS = {
  auth: {
    flag: '--auth <way>',
    environment: 'SEGMENTD_AUTH',
    file: 'auth',
    default: 'loopback',
    help: 'how persons come in: loopback (a printed link, on this machine only), proxy (a proxy in front names the person), oidc (an OpenID provider signs the person in)',
    verbs: VERBS,
    parse: way,
  },
  sessionHours: {
    flag: '--session-hours <hours>',
    environment: 'SEGMENTD_SESSION_HOURS',
    file: 'session_hours',
    default: '12',
    help: 'hours after which a person signs in again',
    verbs: ['serve', 'run', 'dev'],
    parse: hours,
  },
  publicUrl: {
    flag: '--public-url <url>',
    environment: 'SEGMENTD_PUBLIC_URL',
    file: 'public_url',
    help: 'address at which browsers open the page; needed with --auth proxy and --auth oidc',
    verbs: VERBS,
    parse: origin,
  },
  adminGroups: {
    flag: '--admin-groups <groups>',
    environment: 'SEGMENTD_ADMIN_GROUPS',
    file: 'admin_groups',
    help: 'groups whose persons are admins, separated by commas; with --auth proxy and --auth oidc',
    verbs: VERBS,
    parse: filled,
  },
  editorGroups: {
    flag: '--editor-groups <groups>',
    environment: 'SEGMENTD_EDITOR_GROUPS',
    file: 'editor_groups',
    help: 'groups whose persons are editors',
    verbs: VERBS,
    parse: filled,
  },
  viewerGroups: {
    flag: '--viewer-groups <groups>',
    environment: 'SEGMENTD_VIEWER_GROUPS',
    file: 'viewer_groups',
    help: 'groups whose persons are viewers; *: every person who comes in',
    verbs: VERBS,
    parse: filled,
  },
  proxyFrom: {
    flag: '--proxy-from <addresses>',
    environment: 'SEGMENTD_PROXY_FROM',
    file: 'proxy_from',
    help: 'addresses and networks of the proxy, such as 10.0.0.5 or 10.0.0.0/28, separated by commas; only they may name a person',
    verbs: VERBS,
    parse: filled,
  },
  proxyUserHeader: {
    flag: '--proxy-user-header <name>',
    environment: 'SEGMENTD_PROXY_USER_HEADER',
    file: 'proxy_user_header',
    default: 'x-forwarded-email',
    help: 'header in which the proxy names the person',
    verbs: VERBS,
    parse: headerName,
  },
  proxyGroupsHeader: {
    flag: '--proxy-groups-header <name>',
    environment: 'SEGMENTD_PROXY_GROUPS_HEADER',
    file: 'proxy_groups_header',
    default: 'x-forwarded-groups',
    help: 'header in which the proxy lists the groups of the person',
    verbs: VERBS,
    parse: headerName,
  },
  oidcIssuer: {
    flag: '--oidc-issuer <url>',
    environment: 'SEGMENTD_OIDC_ISSUER',
    file: 'oidc_issuer',
    help: 'address of the OpenID provider',
    verbs: VERBS,
    parse: issuer,
  },
  oidcClientId: {
    flag: '--oidc-client-id <id>',
    environment: 'SEGMENTD_OIDC_CLIENT_ID',
    file: 'oidc_client_id',
    help: 'id of this client at the provider; its redirect URI is PUBLIC_URL/sign-in/callback',
    verbs: VERBS,
    parse: filled,
  },
  oidcClientSecret: {
    flag: '--oidc-client-secret <secret>',
    environment: 'SEGMENTD_OIDC_CLIENT_SECRET',
    help: 'secret of this client; better in the environment, because every user of the machine sees flags; absent: a public client',
    verbs: VERBS,
    parse: filled,
  },
  oidcScope: {
    flag: '--oidc-scope <scopes>',
    environment: 'SEGMENTD_OIDC_SCOPE',
    file: 'oidc_scope',
    default: 'openid profile email',
    help: 'scopes to ask for; openid is among them',
    verbs: VERBS,
    parse: filled,
  },
  oidcNameClaim: {
    flag: '--oidc-name-claim <claim>',
    environment: 'SEGMENTD_OIDC_NAME_CLAIM',
    file: 'oidc_name_claim',
    default: 'email',
    help: 'claim that names the person in the audit',
    verbs: VERBS,
    parse: filled,
  },
  oidcGroupsClaim: {
    flag: '--oidc-groups-claim <claim>',
    environment: 'SEGMENTD_OIDC_GROUPS_CLAIM',
    file: 'oidc_groups_claim',
    default: 'groups',
    help: 'claim that lists the groups of the person; a dot leads into an object, as in realm_access.roles',
    verbs: VERBS,
    parse: filled,
  },
} as const;
