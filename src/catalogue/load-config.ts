/**
 * From a file to a `Config`. YAML 1.2, of which JSON is a part. All that can be wrong with the file ends in one
 * `Failure('usage')` that names the file and every mistake.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Failure } from '../base/error.ts';
import { readYaml } from '../base/yaml.ts';
import { checkConfig } from './check-config.ts';
import type { Config } from './config.ts';

export function loadConfig(file: string): Config {
  return parseConfig(readText(file), file);
}

/** A file that is there. To parse it takes 30 ms of CPU, and most verbs use the published catalogue. */
export interface ConfigFile {
  /** Parsed at the first call. @throws {Failure} `usage` */
  config(): Config;
  /** What stands under `settings:`. @throws {Failure} `usage` */
  settings(): Config['settings'];
}

/** @throws {Failure} `usage` when it cannot be read */
export function openConfig(file: string): ConfigFile {
  const text = readText(file);
  let parsed: Config | undefined;
  const config = (): Config => (parsed ??= parseConfig(text, file));
  // A text without the word has no such key: one that is written with escapes has a backslash.
  return { config, settings: () => (/settings|\\/.test(text) ? config().settings : undefined) };
}

/** `name` is what to call the text in a message. */
export function parseConfig(text: string, name: string): Config {
  return checkedConfig(parseYaml(text, name), name);
}

/** A config that was written in a program. @throws {Failure} `usage` */
export function checkedConfig(value: unknown, name: string): Config {
  const checked = checkConfig(value);
  if ('config' in checked) return checked.config;
  throw new Failure('usage', `${name}: ${checked.mistakes.join(' ')}`, { data: checked.mistakes });
}

export function configFileExists(file: string): boolean {
  return existsSync(file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') {
      throw new Failure(
        'usage',
        `There is no config file ${file}: write one with \`segmentd init\`, or name it with --config.`,
        { cause },
      );
    }
    throw new Failure(
      'usage',
      `The config file ${file} cannot be read${code === 'EISDIR' ? ': it is a folder' : ` (${String(code)})`}.`,
      { cause },
    );
  }
}

/** Characters of a config file. The most fields and relations that are possible fit into half of it. */
const MOST_TEXT = 400_000;

function parseYaml(text: string, name: string): unknown {
  if (text.length > MOST_TEXT)
    throw new Failure(
      'usage',
      `${name} has ${text.length.toLocaleString('en-US')} characters; a config has at most ${MOST_TEXT.toLocaleString('en-US')}.`,
    );
  const read = readYaml(text);
  if ('value' in read) return read.value;
  throw new Failure(
    'usage',
    `${name}${read.line === undefined ? '' : `, line ${read.line}`} is not valid YAML: ${read.mistake}.`,
  );
}
