/**
 * From a file to a `Config`. YAML 1.2, of which JSON is a part. All that can be wrong with the file ends in one
 * `Failure('usage')` that names the file and every mistake.
 */
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { Failure } from '../base/error.ts';
import { checkConfig, type Config } from './config.ts';

export function loadConfig(file: string): Config {
  return parseConfig(readText(file), file);
}

/** `name` is what to call the text in a message. */
export function parseConfig(text: string, name: string): Config {
  const checked = checkConfig(parseYaml(text, name));
  if ('config' in checked) return checked.config;
  throw new Failure('usage', `${name}: ${checked.mistakes.join(' ')}`, { data: checked.mistakes });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') {
      throw new Failure('usage', `There is no config file ${file}: write one with \`segmentd init\`, or name it with --config.`, { cause });
    }
    throw new Failure('usage', `The config file ${file} cannot be read${code === 'EISDIR' ? ': it is a folder' : ` (${String(code)})`}.`, { cause });
  }
}

function parseYaml(text: string, name: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line;
    const [what] = error.message.split('\n', 1);
    throw new Failure('usage', `${name}${line === undefined ? '' : `, line ${line}`} is not valid YAML: ${(what ?? '').replace(/ at line \d+, column \d+:?$/, '')}.`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new Failure('usage', `${name} is not valid YAML: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
