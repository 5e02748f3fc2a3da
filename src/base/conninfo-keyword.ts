/**
 * The parameters of a connection: names, variables of the environment and values are those of libpq, so that what works in psql
 * works here. A parameter that asks for more safety than we give is refused; one that changes nothing for us is accepted.
 */

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;
export type SslMode = (typeof SSL_MODES)[number];

export const SESSION_ATTRS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
export type SessionAttrs = (typeof SESSION_ATTRS)[number];

const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

interface KeywordSpec {
  readonly environment?: string;
  /** The values that are possible. */
  readonly values?: readonly string[];
  readonly pattern?: RegExp;
  /** What the pattern takes. */
  readonly said?: string;
}

const NUMBERS = { pattern: /^-?\d{1,6}$/, said: 'a whole number' } as const;
/** Any value, and we do nothing about it. */
const UNUSED = {} as const;

const TABLE = {
  host: { environment: 'PGHOST' },
  hostaddr: { environment: 'PGHOSTADDR' },
  port: { environment: 'PGPORT', pattern: /^(\d{1,5})?(,(\d{1,5})?)*$/, said: 'a port, or one for each host' },
  dbname: { environment: 'PGDATABASE' },
  user: { environment: 'PGUSER' },
  password: { environment: 'PGPASSWORD' },
  passfile: { environment: 'PGPASSFILE' },
  service: { environment: 'PGSERVICE' },
  options: { environment: 'PGOPTIONS' },
  application_name: {},
  connect_timeout: { environment: 'PGCONNECT_TIMEOUT', ...NUMBERS },
  sslmode: { environment: 'PGSSLMODE', values: SSL_MODES },
  sslrootcert: { environment: 'PGSSLROOTCERT' },
  sslcert: { environment: 'PGSSLCERT' },
  sslkey: { environment: 'PGSSLKEY' },
  sslpassword: {},
  sslcrl: { environment: 'PGSSLCRL' },
  sslcertmode: { environment: 'PGSSLCERTMODE', values: ['disable', 'allow', 'require'] },
  sslnegotiation: { environment: 'PGSSLNEGOTIATION', values: ['postgres', 'direct'] },
  ssl_min_protocol_version: { environment: 'PGSSLMINPROTOCOLVERSION', values: TLS_VERSIONS },
  ssl_max_protocol_version: { environment: 'PGSSLMAXPROTOCOLVERSION', values: TLS_VERSIONS },
  channel_binding: { environment: 'PGCHANNELBINDING', values: ['disable', 'prefer', 'require'] },
  target_session_attrs: { environment: 'PGTARGETSESSIONATTRS', values: SESSION_ATTRS },
  load_balance_hosts: { environment: 'PGLOADBALANCEHOSTS', values: ['disable', 'random'] },
  // What these ask for beyond the values here, a connection of ours does not give.
  sslsni: { environment: 'PGSSLSNI', values: ['1'] },
  sslcrldir: { environment: 'PGSSLCRLDIR', values: [] },
  gssencmode: { environment: 'PGGSSENCMODE', values: ['disable', 'prefer'] },
  require_auth: { environment: 'PGREQUIREAUTH', values: [] },
  requirepeer: { environment: 'PGREQUIREPEER', values: [] },
  replication: { values: ['0', 'off', 'false', 'no'] },
  // Limits of a session, as node-postgres takes them from a URL.
  statement_timeout: NUMBERS,
  lock_timeout: NUMBERS,
  idle_in_transaction_session_timeout: NUMBERS,
  client_encoding: UNUSED,
  fallback_application_name: UNUSED,
  keepalives: UNUSED,
  keepalives_idle: UNUSED,
  keepalives_interval: UNUSED,
  keepalives_count: UNUSED,
  tcp_user_timeout: UNUSED,
  krbsrvname: UNUSED,
  gsslib: UNUSED,
  gssdelegation: UNUSED,
  sslcompression: UNUSED,
} as const satisfies Readonly<Record<string, KeywordSpec>>;

export type Keyword = keyof typeof TABLE;
/** Parameters by name; none is empty. */
export type Conninfo = Readonly<Partial<Record<Keyword, string>>>;

const SPECS: Readonly<Record<Keyword, KeywordSpec>> = TABLE;
export const KEYWORDS = Object.keys(TABLE) as readonly Keyword[];

/** The variables that psql reads too. */
export const PG_VARIABLES: ReadonlyMap<string, Keyword> = new Map(
  KEYWORDS.flatMap((keyword) => {
    const { environment } = SPECS[keyword];
    return environment === undefined ? [] : [[environment, keyword] as const];
  }),
);

/** What the environment says, for parts that nothing else says. */
export function conninfoOf(environment: Readonly<Record<string, string | undefined>>): Conninfo {
  const found: Partial<Record<Keyword, string>> = {};
  for (const [variable, keyword] of PG_VARIABLES) {
    const value = environment[variable];
    if (value !== undefined && value !== '') found[keyword] = value;
  }
  return found;
}

/** Whether the environment names a server or a database: then psql alone connects there, and so do we. */
export function namesServer(environment: Readonly<Record<string, string | undefined>>): boolean {
  return ['PGHOST', 'PGHOSTADDR', 'PGDATABASE', 'PGSERVICE'].some((name) => Boolean(environment[name]));
}

/** @throws {RangeError} as a sentence goes on behind the name of the setting; it repeats no value */
export function refuseConninfo(info: Conninfo): void {
  for (const [name, value] of Object.entries(info)) {
    if (value.includes('\0')) throw new RangeError(`has a ${name} with a zero byte`);
    const { values, pattern, said = '' } = SPECS[name as Keyword];
    if (values?.length === 0) throw new RangeError(`has the parameter ${name}, which segmentd does not support`);
    if (values?.includes(value) === false)
      throw new RangeError(`has a value of ${name} that is not one of ${values.join(', ')}`);
    if (pattern?.test(value) === false) throw new RangeError(`has a value of ${name} that is not ${said}`);
  }
}
