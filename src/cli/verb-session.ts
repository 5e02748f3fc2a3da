/**
 * What a verb gets to work with: the resolved options, the API, the ways out. Opened lazily, closed by `runCli`
 * whatever happens. Here the config file is found and its `settings:` read; no verb does so by itself.
 */
import { existsSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { namesServer } from '../base/conninfo-keyword.ts';
import { codeOf, Failure } from '../base/error.ts';
import { createLog, withFields, type Log } from '../base/log.ts';
import { originOf, resolveOptions, type Settings } from '../base/option.ts';
import { packageVersion } from '../base/version.ts';
import type { Config } from '../catalogue/config.ts';
import { openConfig, type ConfigFile } from '../catalogue/load-config.ts';
import { repeatedKey } from '../condition/json-key.ts';
import { createSegmentd, type Segmentd } from '../index.ts';
import { completeUrl } from '../postgres/connect/server-setting.ts';
import { readEnvFile } from './env-file.ts';
import { readAll, type Io } from './io.ts';
import { Output } from './printed-output.ts';
import { ProgressBar } from './progress-bar.ts';
import { unreadableFile } from './unreadable-file.ts';

/** Where `dev` writes the config of the sample shop, from the folder in which it runs. */
const SHOP_FILE = '.segmentd/segmentd.yaml';

export interface Session {
  readonly io: Io;
  readonly settings: Settings;
  readonly log: Log;
  /** Notes and failures are lines of the log. */
  readonly isLogged: boolean;
  readonly output: Output;
  readonly bar: ProgressBar;
  /** Content of the config file, if there is one; parsed when it is read. @throws {Failure} `usage` */
  readonly config: Config | undefined;
  /** Absolute path of the config file, whether or not it exists. */
  readonly configPath: string;
  /** What `settings.databaseUrl` names, else what psql would connect to; absent when neither names a server. */
  databaseUrl(): string | undefined;
  /** The API on that database. @throws {Failure} `usage` when none is named */
  segmentd(): Segmentd;
  /** Reads JSON from a file, or from stdin for `-`. @throws {Failure} `usage` */
  readJson(file: string): Promise<unknown>;
  /** Prints a line on stderr, for the person and not for the script. */
  note(text: string): Promise<void>;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** `optional`: a config that is missing or wrong is none; for the verb that writes it. */
  readonly config?: 'optional';
  /** The verb ends by itself, in order, when the signal is raised; others are left where they are. */
  readonly graceful?: true;
  /** Whether what it has to say belongs into its log, where that is JSON: notes, and why it failed. */
  readonly logged?: (flags: Readonly<Record<string, unknown>>) => boolean;
  /** For the name of its sessions in Postgres. */
  readonly verb?: string;
}

export async function openSession(
  io: Io,
  flags: Readonly<Record<string, unknown>>,
  options: SessionOptions = {},
): Promise<Session> {
  const early = resolveOptions({ flags, environment: io.environment });
  const configPath = resolve(io.cwd, early.config);
  const named = flags['config'] !== undefined || Boolean(io.environment['SEGMENTD_CONFIG']);
  let file: ConfigFile | undefined;
  let fileSettings: Config['settings'];
  try {
    file = await findConfig(configPath, named);
    fileSettings = file?.settings();
  } catch (error) {
    if (options.config !== 'optional') throw error;
  }
  const envFile = await readEnvFile(dirname(configPath), io.environment);
  const sources = {
    flags,
    environment: io.environment,
    envFile,
    ...(fileSettings ? { file: fileSettings } : {}),
  };
  const environment = { ...envFile?.values, ...io.environment };
  const given = resolveOptions(sources);
  const log = withFields(createLog({ level: given.logLevel, stream: io.stderr }), { version: packageVersion() });
  const logged = options.logged?.(flags) === true && io.stderr.isTTY !== true && given.logLevel !== 'silent';
  const settings =
    given.databaseUrl === undefined ? given : { ...given, databaseUrl: completeUrl(given.databaseUrl, environment) };
  const output = new Output(io, flags['json'] === true);
  const bar = new ProgressBar(io);
  let api: Segmentd | undefined;
  const databaseUrl = (): string | undefined =>
    settings.databaseUrl ?? (namesServer(environment) ? completeUrl('', environment) : undefined);

  return {
    io: { ...io, environment },
    settings,
    log,
    isLogged: logged,
    output,
    bar,
    get config() {
      return file?.config();
    },
    configPath,
    databaseUrl,
    segmentd() {
      // A config that is missing is said when it is needed, by the loader, which names the path.
      const shop = resolve(io.cwd, SHOP_FILE);
      if (databaseUrl() === undefined && configPath !== shop && existsSync(shop))
        throw new Failure(
          'usage',
          `No database is named: for the sample shop of \`segmentd dev\` add --config ${SHOP_FILE}, for your own database give --database-url or set DATABASE_URL.`,
        );
      log.debug({ from: originOf(sources, 'databaseUrl') ?? 'the PG… variables' }, 'the database is named');
      api ??= createSegmentd({
        databaseUrl: databaseUrl(),
        redisUrl: settings.redisUrl,
        poolSize: settings.poolSize,
        applicationName: `segmentd cli ${options.verb ?? ''}`.trimEnd(),
        config: configPath,
        configName: basename(configPath),
        log,
        signal: io.signal,
        onConfigDiffers: (sentence) => (logged ? log.warn(sentence) : void output.note(sentence)),
      });
      return api;
    },
    readJson: (file) => readJson(io, file),
    note: (text) => output.note(text),
    async close() {
      bar.end();
      await api?.close();
    },
  };
}

async function findConfig(path: string, named: boolean): Promise<ConfigFile | undefined> {
  if (!named) {
    try {
      await access(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
    }
  }
  return openConfig(path);
}

async function readJson(io: Io, file: string): Promise<unknown> {
  const where = file === '-' ? 'stdin' : file;
  let bytes: Buffer;
  try {
    bytes = file === '-' ? await readAll(io.stdin) : await readFile(resolve(io.cwd, file));
  } catch (error) {
    throw unreadableFile(where, error);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure('usage', `${where} is not UTF-8 text.`);
  }
  if (text.trim() === '') throw new Failure('usage', `${where} is empty; a condition is JSON.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure(
      'usage',
      `${where} is not JSON: ${error instanceof Error ? error.message.replace(/\s+/g, ' ') : 'unreadable'}.`,
    );
  }
  const repeated = repeatedKey(text);
  if (repeated)
    throw new Failure(
      'usage',
      `${where} has the key ${JSON.stringify(repeated.key)} twice in one object, again at line ${repeated.line}, column ${repeated.column}; all but one would be lost.`,
    );
  return value;
}
