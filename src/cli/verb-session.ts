/**
 * What a verb gets to work with: the resolved options, the API, the ways out. Opened lazily, closed by `runCli`
 * whatever happens. Here the config file is found and its `settings:` read; no verb does so by itself.
 */
import { access, readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { codeOf, Failure } from '../base/error.ts';
import { createLog, type Log } from '../base/log.ts';
import { resolveOptions, type Settings } from '../base/option.ts';
import type { Config } from '../catalogue/config.ts';
import { loadConfig } from '../catalogue/load-config.ts';
import { repeatedKey } from '../condition/json-key.ts';
import { createSegmentd, type Segmentd } from '../index.ts';
import { readAll, type Io } from './io.ts';
import { Output } from './printed-output.ts';
import { ProgressBar } from './progress-bar.ts';
import { unreadableFile } from './unreadable-file.ts';

export interface Session {
  readonly io: Io;
  readonly settings: Settings;
  readonly log: Log;
  readonly output: Output;
  readonly bar: ProgressBar;
  /** Content of the config file, if there is one. */
  readonly config: Config | undefined;
  /** Absolute path of the config file, whether or not it exists. */
  readonly configPath: string;
  /** The API on the database of the options. @throws {Failure} `usage` when none is named */
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
  const config = await findConfig(configPath, named).catch((error: unknown) => {
    if (options.config === 'optional') return undefined;
    throw error;
  });
  const settings = resolveOptions({
    flags,
    environment: io.environment,
    ...(config?.settings ? { file: config.settings } : {}),
  });
  const log = createLog({ level: settings.logLevel, stream: io.stderr });
  const output = new Output(io, flags['json'] === true);
  const bar = new ProgressBar(io);
  let api: Segmentd | undefined;

  return {
    io,
    settings,
    log,
    output,
    bar,
    config,
    configPath,
    segmentd() {
      // A config that is missing is said when it is needed, by the loader, which names the path.
      api ??= createSegmentd({
        databaseUrl: settings.databaseUrl,
        redisUrl: settings.redisUrl,
        poolSize: settings.poolSize,
        applicationName: `segmentd cli ${options.verb ?? ''}`.trimEnd(),
        config: config ?? configPath,
        configName: basename(configPath),
        log,
        onConfigDiffers: (sentence) => void output.note(sentence),
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

async function findConfig(path: string, named: boolean): Promise<Config | undefined> {
  if (!named) {
    try {
      await access(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
    }
  }
  return loadConfig(path);
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
