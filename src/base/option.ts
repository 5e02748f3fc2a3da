/**
 * The one table of options. It feeds the flags of the command line, the environment, the `settings:` of the config file,
 * `--help` and the table of the manual; precedence is flag > environment > .env > file > default. No other file reads
 * `process.env` for these or has a default of its own.
 */
import { ACCESS_OPTIONS } from './access-option.ts';
import { Failure } from './error.ts';
import { didYouMean } from './suggest.ts';
import { parseConninfo } from './conninfo.ts';
import { readServerUrl, REDIS_PROTOCOLS, wrongUrl } from './url.ts';

type Parse<T> = (text: string) => T;
type Parsed = string | number | Endpoint;

interface OptionSpec<T> {
  /** Long flag with its argument's name. */
  readonly flag: `--${string} <${string}>`;
  readonly environment: string;
  /** Key under `settings:` of the config file; absent for what must be known before the file is read. */
  readonly file?: string;
  /** As a person would write it; absent: none. */
  readonly default?: string;
  readonly help: string;
  /** The verbs that read it, whose help shows it; absent: all. */
  readonly verbs?: readonly string[];
  readonly parse: Parse<T>;
}

/** Verbs that compare an edit with the guard before they write it. */
const GUARDED = ['edit', 'restore', 'install'] as const;

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The text of an address may hold a password, so it is not repeated. */
function redisUrl(text: string): string {
  if (!readServerUrl(text, REDIS_PROTOCOLS)) throw new RangeError(wrongUrl(REDIS_PROTOCOLS));
  return text;
}

function databaseUrl(text: string): string {
  parseConninfo(text);
  return text;
}

function integer(least: number, most: number): Parse<number> {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(number >= least && number <= most))
      throw new RangeError(`must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
    return number;
  };
}

function nonEmpty(text: string): string {
  if (text === '' || text.includes('\0')) throw new RangeError('must be a file name');
  return text;
}

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (!level) throw new RangeError(`must be one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(text)}`);
  return level;
}

/** Where to listen. */
export interface Endpoint {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/** `9464`, `0.0.0.0:9464`, `[::1]:9464`. */
function endpoint(text: string): Endpoint {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? NaN);
  if (!match || port > 65_535)
    throw new RangeError(`must be a port or HOST:PORT, such as 9464 or 0.0.0.0:9464, not ${JSON.stringify(text)}`);
  return { host: match[1] ?? match[2] ?? LOOPBACK, port };
}

const MS_OF_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `250ms`, `30s`, `5m`, `1h` → milliseconds. A number alone is seconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const ms = match ? Number(match[1]) * (MS_OF_UNIT[match[2] ?? 's'] ?? NaN) : NaN;
  // setTimeout takes 31 bits of milliseconds
  if (!(ms > 0 && ms < 2 ** 31))
    throw new RangeError(`must be a duration such as 250ms, 30s or 5m, not ${JSON.stringify(text)}`);
  return Math.max(1, Math.round(ms));
}

/** A duration, or 0 for what is not to happen. */
function durationOrNever(text: string): number {
  return text === '0' ? 0 : parseDuration(text);
}

const OPTIONS = {
  config: {
    flag: '--config <file>',
    environment: 'SEGMENTD_CONFIG',
    default: './segmentd.yaml',
    help: 'the catalogue: contacts table, fields, relations',
    parse: nonEmpty,
  },
  databaseUrl: {
    flag: '--database-url <url>',
    environment: 'DATABASE_URL',
    file: 'database_url',
    help: 'the Postgres that holds the contacts',
    parse: databaseUrl,
  },
  redisUrl: {
    flag: '--redis-url <url>',
    environment: 'REDIS_URL',
    file: 'redis_url',
    help: 'Redis for the queue of rebuilds; without it the queue lives in Postgres',
    parse: redisUrl,
  },
  logLevel: {
    flag: '--log-level <level>',
    environment: 'SEGMENTD_LOG_LEVEL',
    file: 'log_level',
    default: 'info',
    help: `${LOG_LEVELS.join(', ')}; the log goes to stderr`,
    parse: logLevel,
  },
  batchSize: {
    flag: '--batch-size <contacts>',
    environment: 'SEGMENTD_BATCH_SIZE',
    file: 'batch_size',
    default: '1000',
    help: 'most contacts re-checked in one transaction',
    verbs: ['run', 'dev'],
    parse: integer(1, 10_000),
  },
  pollInterval: {
    flag: '--poll-interval <duration>',
    environment: 'SEGMENTD_POLL_INTERVAL',
    file: 'poll_interval',
    default: '250ms',
    help: 'how often an idle worker looks for changes, whatever the doorbell says',
    verbs: ['run', 'dev'],
    parse: parseDuration,
  },
  // Reading and comparing is nearly all of a rebuild's time: with two connections it takes 0.6 of it (*m*), for one core more of the server.
  rebuildConnections: {
    flag: '--rebuild-connections <connections>',
    environment: 'SEGMENTD_REBUILD_CONNECTIONS',
    file: 'rebuild_connections',
    default: '2',
    help: 'how many connections of a worker read the contacts while segments are rebuilt; 1: gentler, and slower',
    verbs: ['run', 'dev'],
    parse: integer(1, 8),
  },
  auditPeriod: {
    flag: '--audit-period <duration>',
    environment: 'SEGMENTD_AUDIT_PERIOD',
    file: 'audit_period',
    default: '24h',
    help: 'in which the worker compares all members with their conditions, slowly; 0: not at all',
    verbs: ['run'],
    parse: durationOrNever,
  },
  eventMonths: {
    flag: '--event-months <months>',
    environment: 'SEGMENTD_EVENT_MONTHS',
    file: 'event_months',
    default: '24',
    help: 'whole months for which membership events are kept, and with them as-of; 0: for ever',
    verbs: ['run'],
    parse: integer(0, 1_200),
  },
  actionDays: {
    flag: '--action-days <days>',
    environment: 'SEGMENTD_ACTION_DAYS',
    file: 'action_days',
    default: '400',
    help: 'days for which the audit of what persons did is kept; 0: for ever',
    verbs: ['run'],
    parse: integer(0, 36_500),
  },
  guardPercent: {
    flag: '--guard-percent <percent>',
    environment: 'SEGMENTD_GUARD_PERCENT',
    file: 'guard_percent',
    default: '30',
    help: 'an edit that moves more than this share of the members, and more than --guard-members, needs --yes or is held; above 100 for segments that may grow many times (who enters and who leaves both count)',
    verbs: ['run', ...GUARDED],
    parse: integer(0, 1_000_000),
  },
  guardMembers: {
    flag: '--guard-members <contacts>',
    environment: 'SEGMENTD_GUARD_MEMBERS',
    file: 'guard_members',
    default: '1000',
    help: 'an edit that moves no more contacts than this is never held',
    verbs: ['run', ...GUARDED],
    parse: integer(0, 2_147_483_647),
  },
  previewTimeout: {
    flag: '--preview-timeout <duration>',
    environment: 'SEGMENTD_PREVIEW_TIMEOUT',
    file: 'preview_timeout',
    default: '5s',
    help: 'time for a preview to count in; what is not counted by then is estimated',
    verbs: ['preview', ...GUARDED],
    parse: parseDuration,
  },
  completionTimeout: {
    flag: '--completion-timeout <duration>',
    environment: 'SEGMENTD_COMPLETION_TIMEOUT',
    file: 'completion_timeout',
    default: '1s',
    help: 'how long the Tab key of a shell waits for keys and fields from the database',
    verbs: ['completion'],
    parse: parseDuration,
  },
  exportFolder: {
    flag: '--export-folder <folder>',
    environment: 'SEGMENTD_EXPORT_FOLDER',
    file: 'export_folder',
    default: './export',
    help: 'where the worker writes scheduled exports, and nowhere else',
    verbs: ['run'],
    parse: nonEmpty,
  },
  http: {
    flag: '--http <[host:]port>',
    environment: 'SEGMENTD_HTTP',
    file: 'http',
    help: 'where the worker serves /healthz, /readyz and /metrics, on 127.0.0.1 if no host is named; 0: any free port',
    verbs: ['run', 'dev'],
    parse: endpoint,
  },
  listen: {
    flag: '--listen <[host:]port>',
    environment: 'SEGMENTD_LISTEN',
    file: 'listen',
    default: '0',
    help: 'where the page and the HTTP API are served, on 127.0.0.1 if no host is named; 0: any free port; elsewhere only with --auth proxy or --auth oidc',
    verbs: ['serve', 'run', 'dev'],
    parse: endpoint,
  },
  ...ACCESS_OPTIONS,
  poolSize: {
    flag: '--pool-size <connections>',
    environment: 'SEGMENTD_POOL_SIZE',
    file: 'pool_size',
    default: '6',
    help: 'most connections to Postgres that a verb opens; the worker takes what its loops need',
    parse: integer(2, 100),
  },
} as const satisfies Readonly<Record<string, OptionSpec<Parsed>>>;

/** Defaults of single calls, as a person writes them: a verb's flag and the method of the API have the same. */
export const CALL_DEFAULTS = {
  /** `wait`, and `export --fresh`. */
  waitTimeout: '30s',
  /** `schedule run --wait`. */
  runTimeout: '10m',
  /** A segment that is created, edited or restored with `--wait`, and an override. */
  buildTimeout: '10m',
  historyDays: 30,
  listedRuns: 50,
  previewSample: 10,
} as const;

type OptionName = keyof typeof OPTIONS;
type Value<N extends OptionName> = ReturnType<(typeof OPTIONS)[N]['parse']>;
type HasDefault<N extends OptionName> = (typeof OPTIONS)[N] extends { readonly default: string } ? true : false;

/** All options, each parsed; those without a default may be absent. Durations are milliseconds. */
export type Settings = { readonly [N in OptionName as HasDefault<N> extends true ? N : never]: Value<N> } & {
  readonly [N in OptionName as HasDefault<N> extends true ? never : N]?: Value<N>;
};

/** Where each value comes from, as text: parsed flags by option name, the environment, a `.env`, the file's `settings:`. */
export interface OptionSources {
  readonly flags?: Readonly<Partial<Record<string, unknown>>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What the environment does not set. */
  readonly envFile?: EnvFile | undefined;
  readonly file?: Readonly<Record<string, unknown>>;
}

/** A `.env`. */
export interface EnvFile {
  readonly path: string;
  readonly values: Readonly<Record<string, string | undefined>>;
}

export interface OptionRow {
  readonly name: string;
  readonly flag: string;
  readonly environment: string;
  readonly file: string | undefined;
  readonly default: string | undefined;
  readonly help: string;
  readonly verbs: readonly string[] | undefined;
}

/** The table as plain rows, for flags, `--help` and the manual. */
export function optionRows(): readonly OptionRow[] {
  return Object.entries<OptionSpec<Parsed>>(OPTIONS).map(([name, spec]) => ({
    name,
    flag: spec.flag,
    environment: spec.environment,
    file: spec.file,
    default: spec.default,
    help: spec.help,
    verbs: spec.verbs,
  }));
}

function textOf(given: unknown): string | undefined {
  return typeof given === 'string' || typeof given === 'number' ? String(given) : undefined;
}

/**
 * Resolves every option. An empty environment variable counts as unset, as shells and compose files write it.
 * @throws {Failure} `usage`, naming where the wrong value stands
 */
export function resolveOptions(sources: OptionSources): Settings {
  refuseUnknown(sources.file ?? {});
  const settings: Record<string, Parsed> = {};
  for (const [name, spec] of Object.entries<OptionSpec<Parsed>>(OPTIONS)) {
    const found = foundIn(sources, name, spec);
    if (!found) continue;
    try {
      settings[name] = spec.parse(found.text);
    } catch (error) {
      if (error instanceof RangeError) throw new Failure('usage', `${found.origin} ${error.message}.`);
      throw error;
    }
  }
  return settings as unknown as Settings;
}

interface Found {
  /** As a sentence begins with it. */
  readonly origin: string;
  readonly text: string;
}

function foundIn(sources: OptionSources, name: string, spec: OptionSpec<Parsed>): Found | undefined {
  const { flags, environment, envFile, file } = sources;
  const candidates: readonly (readonly [origin: string, text: string | undefined])[] = [
    [spec.flag.split(' ', 1)[0] ?? spec.flag, textOf(flags?.[name])],
    [spec.environment, environment?.[spec.environment] || undefined],
    [`${spec.environment} in ${envFile?.path}`, envFile?.values[spec.environment] || undefined],
    [`settings.${spec.file}`, spec.file === undefined ? undefined : textOf(file?.[spec.file])],
    ['default', spec.default],
  ];
  for (const [origin, text] of candidates) if (text !== undefined) return { origin, text };
  return undefined;
}

/** Where the value of an option stands, for people: `DATABASE_URL in /srv/app/.env`; undefined when there is none. */
export function originOf(sources: OptionSources, name: OptionName): string | undefined {
  return foundIn(sources, name, OPTIONS[name])?.origin;
}

/** What holds where no source says otherwise: the defaults that the command line, the API and a worker share. */
export const DEFAULT_SETTINGS: Settings = resolveOptions({});

function refuseUnknown(file: Readonly<Record<string, unknown>>): void {
  const known = optionRows().flatMap((row) => row.file ?? []);
  for (const [key, value] of Object.entries(file)) {
    if (!known.includes(key)) {
      const hint = didYouMean(key, known);
      throw new Failure('usage', `settings.${key} is not an option${hint === undefined ? '.' : `: ${hint}`}`);
    }
    if (textOf(value) === undefined) throw new Failure('usage', `settings.${key} must be text or a number.`);
  }
}

/** The table of the manual, in Markdown. A test holds the manual against it. */
export function optionTable(): string {
  const code = (text: string | undefined) => (text === undefined ? '' : `\`${text}\``);
  const rows = optionRows().map(
    (row) =>
      `| ${code(row.flag)} | ${code(row.environment)} | ${code(row.file)} | ${code(row.default)} | ${row.help} |`,
  );
  return [
    '| flag | environment | in the file, under `settings:` | default | |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
